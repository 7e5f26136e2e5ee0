//! Registration of clients: what pages and commands do with apps.
