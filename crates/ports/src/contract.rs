//! The tests that every store must pass: each promise of the ports' documentation, one file a port, with callers that
//! race, clocks that stand on an expiry, and marks that kill.
//!
//! ```ignore
//! // tests/contract.rs of a store
//! async fn open() -> (valetkey_ports::Ports, std::sync::Arc<valetkey_ports::testing::ManualClock>) {
//!     // a fresh store each time
//! }
//! valetkey_ports::contract::suite!(open);
//! ```
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

pub mod accounts;
pub mod attempts;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod credentials;
pub mod events;
pub mod flows;
pub mod grants;
pub mod keys;
pub mod meta;
pub mod replay;
pub mod samples;
pub mod sessions;
pub mod temporary;
pub mod tokens;
pub mod usage;

use std::{future::Future, sync::Arc};

use tokio::{sync::Barrier, task::JoinSet};

pub use crate::__contract_suite as suite;

/// How many callers race for what only one may have.
pub const CALLERS: usize = 100;

/// Lets many callers go at once, and gathers what they got.
pub async fn race<T, F>(callers: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(callers));
    let mut tasks = JoinSet::new();
    for number in 0..callers {
        let start = start.clone();
        let call = call(number);
        tasks.spawn(async move {
            start.wait().await;
            call.await
        });
    }
    tasks.join_all().await
}

/// How many answers are so.
pub fn count<T>(answers: &[T], is_so: impl Fn(&T) -> bool) -> usize {
    answers.iter().filter(|answer| is_so(answer)).count()
}

/// The one list of the promises: a test each, over `open`, an async function that gives a fresh store's ports and the
/// clock that it was given.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_suite {
    ($open:ident) => {
        $crate::__contract_suite! { @ $open;
            clients {
                a_client_is_kept_whole,
                an_id_is_given_once,
                of_racing_registrations_of_one_id_one_succeeds,
                a_removed_client_is_gone_and_its_id_stays_taken,
                clients_are_listed_by_id_in_pages,
                every_change_moves_the_epoch,
            }
            accounts {
                an_account_is_kept_whole,
                of_racing_sign_ups_with_one_name_one_succeeds,
                sec_tk_20_an_update_never_takes_a_mark_back,
                sec_tk_20_a_second_ending_in_one_second_ends_what_came_between,
                a_taken_name_is_refused_on_update,
                a_password_upgrade_never_undoes_a_change,
                a_deleted_account_is_gone_and_its_id_stays_taken,
                accounts_are_listed_by_name_in_pages,
                sec_op_17_racing_setup_links_make_one_administrator,
                sec_op_17_a_used_foreign_or_expired_link_makes_nobody,
                a_link_survives_a_name_that_is_taken,
            }
            sessions {
                a_session_is_kept_with_its_account,
                a_session_dies_on_the_second_of_either_limit,
                touching_moves_the_idle_limit,
                sec_ui_04_a_session_takes_the_place_of_the_browsers_old_one,
                sec_ui_19_marks_and_disabled_accounts_end_sessions,
                sessions_end_by_handle_by_id_and_all_but_one,
                sessions_of_an_account_end_only_by_their_owner,
                sessions_are_listed_latest_first,
                dead_sessions_are_purged_in_batches,
            }
            flows {
                a_flow_is_kept_whole_and_changed,
                a_flow_dies_on_the_second_it_expires,
                of_racing_callers_one_ends_a_flow,
                an_ended_flow_cannot_be_changed_or_found,
                expired_flows_are_purged_in_batches,
            }
            consents {
                a_consent_is_kept_whole,
                widening_keeps_the_first_date_and_the_mark,
                sec_tk_19_withdrawing_leaves_a_mark,
                withdrawing_marks_where_there_was_no_consent,
                a_mark_never_moves_back,
                sec_tk_19_a_second_withdrawal_in_one_second_ends_what_came_between,
                consents_are_listed_with_their_last_grant,
            }
            grants {
                a_grant_begins_with_its_tokens,
                a_grant_begins_once,
                sec_co_02_a_grant_that_was_revoked_before_it_began_keeps_nothing,
                sec_co_02_of_a_racing_replay_and_redemption_no_live_token_is_left,
                sec_tk_18_a_revoked_grant_ends_its_tokens,
                another_client_cannot_revoke,
                of_racing_revocations_one_says_it_was_alive,
                a_standing_grant_starts_anew_after_its_mark,
                a_standing_grant_is_made_once,
                sec_tk_20_every_mark_above_a_token_is_joined,
                a_grant_without_marks_above_it_stands_alone,
                sec_tk_23_live_grants_of_an_account_are_listed,
                grants_of_a_client_are_listed_in_pages,
                dead_grants_are_purged_in_batches,
                grants_of_removed_clients_and_accounts_are_purged,
            }
            codes {
                a_code_is_kept_whole_and_looking_takes_nothing,
                sec_co_01_of_racing_redemptions_of_one_code_one_is_fresh,
                sec_co_02_a_taken_code_is_remembered_as_replayed,
                sec_co_03_another_clients_code_is_unknown_and_stays_alive,
                sec_co_06_a_code_dies_on_the_second_it_expires,
                sec_tk_05_nothing_begins_that_was_ended_before,
                codes_and_tombstones_are_purged_in_their_time,
            }
            tokens {
                an_access_token_is_kept_whole,
                a_token_whose_grant_is_not_there_is_not_found,
                sec_tk_18_a_revoked_access_token_is_gone,
                a_denied_jwt_stays_denied_until_it_dies,
                sec_tk_01_of_racing_rotations_one_succeeds,
                a_rotation_keeps_the_two_handles_before,
                sec_tk_06_an_expired_family_does_not_rotate,
                sec_tk_03_a_revoked_grant_does_not_rotate,
                a_rotation_keeps_its_access_token_and_marks_the_grant,
                a_rotation_that_did_not_happen_keeps_no_access_token,
                sec_tk_03_of_a_racing_rotation_and_revocation_no_live_token_is_left,
                a_family_hangs_from_a_grant_that_has_begun,
                nothing_hangs_from_a_grant_that_was_revoked,
                an_ended_family_leaves_its_grant_alive,
                sec_tk_19_marks_are_seen_by_every_token,
                successors_are_erased_after_the_window,
                dead_tokens_are_purged_in_batches,
            }
            temporary {
                temporary_credentials_are_kept_whole,
                sec_o1_02_of_racing_decisions_one_counts,
                sec_o1_02_of_racing_trades_one_is_fresh,
                sec_o1_03_what_a_request_asks_for_happens_once,
                sec_o1_01_nothing_is_traded_that_was_not_allowed,
                temporary_credentials_die_on_the_second_they_expire,
                sec_o1_01_wrong_verifiers_are_counted_exactly,
                sec_tk_05_no_credentials_begin_that_were_ended_before,
                expired_temporary_credentials_are_purged_in_batches,
            }
            credentials {
                credentials_begin_with_their_grant_and_are_kept_whole,
                a_token_that_is_taken_begins_nothing,
                sec_tk_18_marks_end_credentials,
                a_use_is_noted_on_the_grant,
                crossings_count_what_is_alive,
                an_exchange_is_remembered,
                ended_credentials_are_purged_with_their_grants,
            }
            usage {
                racing_counts_add_up_exactly,
                counts_are_listed_by_day_client_and_word,
                old_counts_are_purged_in_batches,
            }
            replay {
                sec_ca_04_of_racing_assertions_one_is_new,
                spaces_do_not_share_keys,
                what_is_known_can_be_asked,
                a_key_is_new_again_once_its_time_is_over,
                sec_op_17_of_racing_callers_one_takes_a_ticket,
                a_ticket_dies_on_the_second_it_expires,
                what_was_seen_is_purged_in_batches,
            }
            attempts {
                sec_ui_07_racing_attempts_are_counted_exactly,
                a_window_begins_anew_on_the_second_it_runs_out,
                what_was_given_back_does_not_count,
                clearing_forgets,
                windows_that_ran_out_are_purged_in_batches,
            }
            keys {
                a_key_is_kept_whole,
                of_racing_first_keys_one_is_kept,
                a_key_that_takes_over_retires_the_one_before,
                of_racing_rotations_one_advances,
                a_gone_key_is_not_listed,
                every_change_of_keys_moves_the_epoch,
            }
            events {
                events_are_listed_latest_first_in_pages,
                events_of_an_account_are_found,
                events_are_counted_by_the_hour,
                old_events_are_purged_in_batches,
                refusals_are_found_by_request,
                refusals_are_bounded,
            }
            meta {
                facts_are_kept,
                of_racing_first_facts_one_holds_for_all,
                the_store_answers_a_ping,
            }
        }
    };
    (@ $open:ident; $($port:ident { $($promise:ident),+ $(,)? })+) => {
        $(mod $port {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $promise() {
                let (ports, clock) = super::$open().await;
                $crate::contract::$port::$promise(ports, clock).await;
            })+
        })+
    };
}
