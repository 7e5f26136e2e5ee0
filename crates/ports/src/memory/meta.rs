//! The store's own facts.

use async_trait::async_trait;

use super::Memory;
use crate::{Meta, StoreError};

#[async_trait]
impl Meta for Memory {
    async fn get(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self.state().facts.get(key).cloned())
    }

    async fn set(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.state().facts.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    async fn set_if_absent(&self, key: &str, value: &str) -> Result<String, StoreError> {
        Ok(self.state().facts.entry(key.to_owned()).or_insert_with(|| value.to_owned()).clone())
    }

    async fn epoch(&self) -> Result<u64, StoreError> {
        Ok(self.state().epoch)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
