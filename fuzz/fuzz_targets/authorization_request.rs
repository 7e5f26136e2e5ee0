//! The authorization request, from its query to what is stored while a person decides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use valetkey_oauth2::Form;
use valetkey_oauth2::messages::authorization::{
    AuthorizationRequest, Parameters, Target, response_mode_of, state_of,
};

fuzz_target!(|input: &[u8]| {
    let Ok(form) = Form::parse(input, &["resource"]) else { return };
    let _ = state_of(&form);
    let _ = response_mode_of(&form);
    let (target, parameters) = (Target::parse(&form), Parameters::parse(&form));
    if let Ok(parameters) = &parameters {
        let _ = parameters.delivery_mode();
    }
    let (Ok(target), Ok(parameters)) = (target, parameters) else { return };
    let Some(redirect_uri) = target.redirect_uri else { return };
    let request = AuthorizationRequest {
        client_id: target.client_id,
        redirect_uri,
        redirect_uri_was_sent: true,
        parameters,
    };
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
});
