//! A power cut in mid-load, twenty times: what was answered is there, what happened once does not happen again.

use std::collections::BTreeMap;

use crate::harness::{Browser, Code, Server, text};

const CUTS: usize = 20;
const CALLERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_power_cuts_lose_nothing_that_was_answered_and_redeem_nothing_twice() {
    let mut server = Server::start().await;
    let (client, account) = (server.web(), server.account());
    let mut promised: Vec<String> = Vec::new();
    let mut cookies = BTreeMap::new();
    for _ in 0..CUTS {
        let mut codes: Vec<Code> = Vec::new();
        // One browser throughout: its login outlives every cut.
        let mut browser = Browser::new(&server);
        browser.cookies = cookies;
        for _ in 0..CALLERS {
            codes.push(server.code_in(&mut browser, &client, &account, |query| query).await);
        }
        cookies = browser.cookies;
        let answers = {
            let (server, client) = (&server, &client);
            let calls = codes.iter().enumerate().map(|(number, code)| async move {
                if number == CALLERS / 2 {
                    server.cut();
                }
                server.try_redeem(client, code).await
            });
            futures_util::future::join_all(calls).await
        };
        server.kill_and_restart().await;
        for (code, answer) in codes.iter().zip(answers) {
            let Some(answer) = answer.filter(|answer| answer.status == 200) else { continue };
            let tokens = answer.json();
            let refreshed = server.refresh(&client, text(&tokens, "refresh_token")).await.ok();
            promised.push(text(&refreshed, "refresh_token").to_owned());
            // A replay would end the grant: only the codes of every other one are tried again.
            if promised.len().is_multiple_of(2) {
                server.redeem(&client, code).await.is_refusal(400, "invalid_grant");
                promised.pop();
            }
        }
    }
    for handle in &promised {
        server.refresh(&client, handle).await.ok();
    }
}
