//! JSON Object Signing for Valetkey: JWA, JWK, JWS, JWT.
