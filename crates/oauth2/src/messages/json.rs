//! A JSON object written straight into one buffer: our answers are flat, small and many.

/// An object that is being written.
pub(super) struct Object {
    buffer: Vec<u8>,
}

impl Object {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut buffer = Vec::with_capacity(capacity);
        buffer.push(b'{');
        Self { buffer }
    }

    pub(super) fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.name(name);
        self.quote(value);
        self
    }

    pub(super) fn maybe_string(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            self.string(name, value);
        }
        self
    }

    pub(super) fn number(&mut self, name: &str, value: impl Into<i128>) -> &mut Self {
        self.name(name);
        self.buffer.extend_from_slice(value.into().to_string().as_bytes());
        self
    }

    pub(super) fn boolean(&mut self, name: &str, value: bool) -> &mut Self {
        self.name(name);
        self.buffer.extend_from_slice(if value { b"true" } else { b"false" });
        self
    }

    /// Any other value.
    pub(super) fn value(&mut self, name: &str, value: &serde_json::Value) -> &mut Self {
        self.name(name);
        self.buffer.extend_from_slice(value.to_string().as_bytes());
        self
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.buffer.push(b'}');
        std::mem::take(&mut self.buffer)
    }

    fn name(&mut self, name: &str) {
        if self.buffer.len() > 1 {
            self.buffer.push(b',');
        }
        self.quote(name);
        self.buffer.push(b':');
    }

    /// RFC 8259 §7: quotation mark, backslash and the control characters are escaped.
    fn quote(&mut self, text: &str) {
        self.buffer.push(b'"');
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.buffer.extend_from_slice(&[b'\\', byte]),
                0..=0x1f => self.buffer.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => self.buffer.push(byte),
            }
        }
        self.buffer.push(b'"');
    }
}
