//! A folder that is gone when the test is over.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its part")]

use std::{
    path::{Path, PathBuf},
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
};

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        Self::at(Path::new(env!("CARGO_TARGET_TMPDIR")))
    }

    /// A folder that lasts as long as the process, and is cleared away by a later one. (A test runner may give every test a
    /// process of its own, so what a living process left is not touched.)
    pub(crate) fn lasting() -> Self {
        static CLEARED: Once = Once::new();
        let parent = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lasting");
        CLEARED.call_once(|| {
            for left in std::fs::read_dir(&parent).into_iter().flatten().flatten() {
                let name = left.file_name();
                let process = name.to_str().and_then(|name| name.split('-').next()).unwrap_or_default();
                if Path::new("/proc/self").exists() && !Path::new("/proc").join(process).exists() {
                    let _ = std::fs::remove_dir_all(left.path());
                }
            }
        });
        Self::at(&parent)
    }

    fn at(parent: &Path) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{}-{count}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("valetkey.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.database().display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
