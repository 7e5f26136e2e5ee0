//! Names that people read: clean, and not taken for another.
