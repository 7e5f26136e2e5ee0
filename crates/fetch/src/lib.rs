//! Outbound HTTP for Valetkey, guarded: size, time and address rules.
