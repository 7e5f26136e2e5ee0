//! Digests, MACs, signatures and sealing for Valetkey, over one backend.
