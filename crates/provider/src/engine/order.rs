//! Ids of one second rise in the order in which they are made (RFC 9562 §6.2, method 1): what begins together then lies
//! together in the store, and a commit writes few pages.
//!
//! The count begins anew with every second and moves on by random steps, so that an id does not tell how many were made.

use std::sync::atomic::{AtomicU64, Ordering};

use valetkey_oauth2::Timestamp;

/// The second in the upper bits, the count in the lower ones. A count that runs over costs order, nothing else.
#[derive(Debug, Default)]
pub(super) struct Order(AtomicU64);

const COUNT: u64 = (1 << 24) - 1;

impl Order {
    /// Puts the next count where a UUID of version 7 has its first random bits. Fifty stay random.
    pub(super) fn next(&self, now: Timestamp, mut random: [u8; 10]) -> [u8; 10] {
        let second = now.seconds().cast_unsigned() << COUNT.count_ones();
        let [_, _, _, fourth, .., last] = random;
        let step = 1 + u64::from(last & 15);
        let next = |before: u64| match before & !COUNT == second {
            true => before.wrapping_add(step),
            false => second + step,
        };
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |before| Some(next(before)));
        let count = before.map_or_else(next, next) & COUNT;
        let byte = |bits: u64| bits.to_le_bytes()[0];
        // Of the first byte the upper four bits become the version, of the third the upper two the variant.
        let counted =
            [byte(count >> 20), byte(count >> 12), byte(count >> 6), byte(count << 2) | (fourth & 3)];
        random[..4].copy_from_slice(&counted);
        random
    }
}

#[cfg(test)]
mod tests {
    use valetkey_oauth2::GrantId;
    use valetkey_ports::{Random, SystemRandom};

    use super::*;

    fn ids(order: &Order, second: i64, count: usize) -> Vec<GrantId> {
        let now = Timestamp::from_seconds(second);
        let random: &dyn Random = &SystemRandom;
        (0..count).map(|_| GrantId::mint(now, &order.next(now, random.bytes()))).collect()
    }

    #[test]
    fn ids_rise_within_a_second_and_beyond_it() {
        let order = Order::default();
        let mut made = ids(&order, 1_700_000_000, 20_000);
        made.extend(ids(&order, 1_700_000_001, 20_000));
        assert!(made.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn every_second_counts_anew_and_the_rest_stays_random() {
        let order = Order::default();
        let first = ids(&order, 1_700_000_000, 20_000);
        let again = ids(&order, 1_700_000_001, 1);
        let count_of = |id: &GrantId| [id.as_bytes()[6] & 0x0f, id.as_bytes()[7]];
        assert_ne!(count_of(&first[19_999]), [0, 0]);
        assert_eq!(count_of(&again[0]), [0, 0]);
        let rest =
            |id: &GrantId| [id.as_bytes()[10], id.as_bytes()[11], id.as_bytes()[12], id.as_bytes()[13]];
        let unlike: std::collections::HashSet<_> = first.iter().map(rest).collect();
        assert!(unlike.len() > 19_900);
    }

    #[test]
    fn a_count_that_runs_over_and_times_before_the_epoch_do_no_harm() {
        for second in [0, -1, i64::MIN, i64::MAX] {
            let order = Order::default();
            let now = Timestamp::from_seconds(second);
            order.0.store((now.seconds().cast_unsigned() << 24) | COUNT, Ordering::Relaxed);
            let made: std::collections::HashSet<_> = ids(&order, second, 100).into_iter().collect();
            assert_eq!(made.len(), 100);
        }
    }
}
