//! The Valetkey pages: login, consent, account, apps, administration.
