//! What a move sees of a database: execute, find one, list.
//!
//! On a networked database each call is a round trip; on SQLite the answer is always ready, so that the one writer thread
//! polls a move to its end without a runtime.

use std::{borrow::Cow, future::Future, pin::Pin};

use valetkey_oauth2::{AccountId, ClientId, GrantId, HandleHash, Resource, Scope, SessionId, Timestamp};
use valetkey_ports::{FamilyId, StoreError};

/// An answer that may take a while.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A running transaction. Statements stand for themselves (`?` in order); values are bound, never written into them.
pub(crate) trait Tx: Send {
    /// Changes rows; answers how many.
    fn execute<'a>(&'a mut self, sql: &'static str, values: &'a [Value]) -> Answer<'a, u64>;
    /// The one row, if there is one.
    fn find_one<'a>(&'a mut self, sql: &'static str, values: &'a [Value]) -> Answer<'a, Option<Row>>;
}

/// How many statements of a move write: one that fails has changed nothing by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// One.
    OneWrite,
    /// Several, that hold together.
    Several,
}

/// A database, as the ports use it.
pub(crate) trait Database: Send + Sync + 'static {
    /// Makes a move: all of it or nothing, durable when it is answered.
    fn write<T: Send + 'static>(
        &self,
        shape: Shape,
        body: impl for<'t> FnOnce(&'t mut dyn Tx) -> Answer<'t, T> + Send + 'static,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// Makes a move of one statement; answers how many rows it changed.
    fn write_one(
        &self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send {
        let values = values.into();
        self.write(Shape::OneWrite, move |tx| Box::pin(async move { tx.execute(sql, &values).await }))
    }

    /// Reads the one row, by a key. Never waits for a writer.
    fn find_one(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send;

    /// Reads rows for a page, off the runtime's threads where that may take a while.
    fn list(
        &self,
        sql: &'static str,
        values: impl Into<Vec<Value>> + Send,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
}

/// A value, bound or found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// A number, a time, yes (1) or no (0).
    Int(i64),
    /// A text.
    Text(Cow<'static, str>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A hash, without an allocation.
    Hash([u8; 32]),
    /// An id, without an allocation.
    Id([u8; 16]),
}

macro_rules! values {
    ($($given:ty: $name:ident => $value:expr;)+) => {
        $(impl From<$given> for Value {
            fn from($name: $given) -> Self {
                $value
            }
        })+
    };
}

values! {
    i64: number => Self::Int(number);
    u32: number => Self::Int(i64::from(number));
    bool: yes => Self::Int(i64::from(yes));
    Timestamp: at => Self::Int(at.seconds());
    &str: text => Self::Text(Cow::Owned(text.to_owned()));
    String: text => Self::Text(Cow::Owned(text));
    &ClientId: id => Self::Text(Cow::Owned(id.as_str().to_owned()));
    &Scope: scope => Self::Text(Cow::Owned(scope.as_str().to_owned()));
    &[Resource]: resources => Self::Text(join(resources));
    Vec<u8>: bytes => Self::Bytes(bytes);
    [u8; 32]: bytes => Self::Hash(bytes);
    &[u8; 32]: bytes => Self::Hash(*bytes);
    &HandleHash: hash => Self::Hash(*hash.as_bytes());
    &AccountId: id => Self::Id(*id.as_bytes());
    &GrantId: id => Self::Id(*id.as_bytes());
    &SessionId: id => Self::Id(*id.as_bytes());
    &FamilyId: id => Self::Id(*id.as_bytes());
}

impl<T> From<Option<T>> for Value
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

/// Resources hold no spaces, so a space divides them.
fn join(resources: &[Resource]) -> Cow<'static, str> {
    match resources {
        [] => Cow::Borrowed(""),
        [one] => Cow::Owned(one.as_str().to_owned()),
        many => Cow::Owned(many.iter().map(Resource::as_str).collect::<Vec<_>>().join(" ")),
    }
}

/// A list of values, each turned into one.
macro_rules! bind {
    ($($value:expr),* $(,)?) => { [$($crate::tx::Value::from($value)),*] };
}
pub(crate) use bind;

/// A found row. Its columns are taken in order.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(columns: Vec<Value>) -> Self {
        Self(columns.into_iter())
    }

    /// The next column.
    pub(crate) fn take<T: FromValue>(&mut self) -> Result<T, StoreError> {
        T::from_value(self.0.next().ok_or_else(|| corrupt("a row is too short"))?)
    }

    /// The next column, a JSON text.
    pub(crate) fn take_json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        let text: String = self.take()?;
        serde_json::from_str(&text).map_err(corrupt)
    }
}

/// What a column can be read as.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Result<Self, StoreError>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Int(number) => Ok(number),
            other => Err(unexpected("a number", &other)),
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Text(text) => Ok(text.into_owned()),
            other => Err(unexpected("a text", &other)),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            Value::Hash(bytes) => Ok(bytes.to_vec()),
            Value::Id(bytes) => Ok(bytes.to_vec()),
            other => Err(unexpected("bytes", &other)),
        }
    }
}

impl FromValue for [u8; 32] {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Hash(bytes) => Ok(bytes),
            other => Err(unexpected("32 bytes", &other)),
        }
    }
}

impl FromValue for [u8; 16] {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Id(bytes) => Ok(bytes),
            other => Err(unexpected("16 bytes", &other)),
        }
    }
}

macro_rules! columns {
    ($($column:ty as $name:ident => $wanted:ty: $value:expr;)+) => {
        $(impl FromValue for $wanted {
            fn from_value(value: Value) -> Result<Self, StoreError> {
                let $name = <$column>::from_value(value)?;
                $value
            }
        })+
    };
}

columns! {
    i64 as number => bool: Ok(number != 0);
    i64 as number => u32: u32::try_from(number).map_err(corrupt);
    i64 as number => u64: u64::try_from(number).map_err(corrupt);
    i64 as number => Timestamp: Ok(Self::from_seconds(number));
    String as text => ClientId: Self::parse(&text).map_err(corrupt);
    String as text => Scope: Self::parse(&text).map_err(corrupt);
    String as text => Vec<Resource>:
        text.split(' ').filter(|one| !one.is_empty()).map(|one| Resource::parse(one).map_err(corrupt)).collect();
    [u8; 32] as bytes => HandleHash: Ok(Self::from_bytes(bytes));
    [u8; 16] as bytes => AccountId: Ok(Self::from_bytes(bytes));
    [u8; 16] as bytes => GrantId: Ok(Self::from_bytes(bytes));
    [u8; 16] as bytes => SessionId: Ok(Self::from_bytes(bytes));
    [u8; 16] as bytes => FamilyId: Ok(Self::from_bytes(bytes));
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// A record as the text that is kept of it.
pub(crate) fn to_json<T: serde::Serialize>(record: &T) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|error| StoreError::Refused(error.to_string()))
}

/// A JSON text of a row that was read already.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(corrupt)
}

pub(crate) fn corrupt(why: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(why.to_string())
}

/// Names the kind of what was found, never the value.
fn unexpected(wanted: &str, found: &Value) -> StoreError {
    let found = match found {
        Value::Null => "nothing",
        Value::Int(_) => "a number",
        Value::Text(_) => "a text",
        Value::Bytes(_) | Value::Hash(_) | Value::Id(_) => "bytes of another length",
    };
    corrupt(format_args!("a column that should be {wanted} is {found}"))
}
