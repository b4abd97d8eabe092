//! Random writes, once through the batch writer and once in order through transactions of their own.

use proptest::{prelude::*, test_runner::TestRunner};

use super::*;

/// People who come and go; few, so that they meet.
const PEOPLE: u64 = 4;

/// One write. Sessions and tokens are named by their number from the oldest, counted round.
#[derive(Debug, Clone, Copy)]
enum Step {
    Login { person: u64, replaces: Option<usize>, told: u8 },
    Rotate { session: usize, token: usize, foreign: bool },
    End { session: usize },
    Read { person: u64, told: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let session = || 0_usize..12;
    prop_oneof![
        3 => (0..PEOPLE, proptest::option::weighted(0.2, session()), 0_u8..4)
            .prop_map(|(person, replaces, told)| Step::Login { person, replaces, told }),
        8 => (session(), 0_usize..3, proptest::bool::weighted(0.1))
            .prop_map(|(session, token, foreign)| Step::Rotate { session, token, foreign }),
        1 => session().prop_map(|session| Step::End { session }),
        1 => (0..PEOPLE, 0_u8..4).prop_map(|(person, told)| Step::Read { person, told }),
    ]
}

/// What can be seen of an answer in both databases alike: ids are random, places are not.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Login { is_new: bool, replaced: bool, user: String },
    Continued { how: Continued, token: usize, expires_at: Timestamp, user: String },
    Rotation(&'static str),
    Ended(usize),
    Read,
}

/// One database and what was handed out from it.
struct Side {
    database: TestDatabase,
    storage: Storage,
    /// Each session with its chain of tokens.
    sessions: Vec<(SignedInRows, Vec<RefreshFacts>)>,
}

impl Side {
    fn session(&self, number: usize) -> Option<&(SignedInRows, Vec<RefreshFacts>)> {
        self.sessions.get(number % self.sessions.len().max(1))
    }

    /// `None` when there is nothing yet that the step could be about.
    async fn take(&self, step: Step, now: Timestamp) -> Option<Answer> {
        let storage = &self.storage;
        Some(match step {
            Step::Login { person, replaces, told } => {
                let replaces = replaces.and_then(|number| Some(self.session(number)?.0.session.id));
                let input = SignIn { profile: profile(told), replaces, ..login(1 + person, now) };
                Answer::Login(Box::new(storage.sign_in(input).await.unwrap().unwrap()))
            }
            Step::Rotate { session, token, foreign } => {
                let chain = &self.session(session)?.1;
                let mut rotate = rotate(chain[chain.len().saturating_sub(1 + token)], now);
                if foreign {
                    "another".clone_into(&mut rotate.client_id);
                }
                Answer::Rotation(session % self.sessions.len(), Box::new(storage.rotate(rotate).await.unwrap()))
            }
            Step::End { session } => {
                let session = &self.session(session)?.0.session;
                let (user_id, which) = (session.user_id, Which::One(session.id));
                let revoke = Revoke { user_id, which, because: RevokedBecause::Logout, trace: at(now).into() };
                Answer::Ended(storage.revoke(revoke).await.unwrap().len())
            }
            Step::Read { person, told } => {
                let identity = login(1 + person, now).identity;
                if let Some(profile) = profile(told) {
                    storage.refresh_profile(ProfileReading { identity, profile, now }).await.unwrap();
                }
                Answer::Read
            }
        })
    }

    fn note(&mut self, answer: Option<Answer>) -> Option<Seen> {
        Some(match answer? {
            Answer::Login(rows) => {
                let (is_new, replaced) = (rows.is_new_user, rows.replaced.is_some());
                let user = shape(&rows.user);
                let token = rows.token;
                self.sessions.push((*rows, vec![token]));
                Seen::Login { is_new, replaced, user }
            }
            Answer::Rotation(session, rotation) => self.note_rotation(session, *rotation),
            Answer::Ended(count) => Seen::Ended(count),
            Answer::Read => Seen::Read,
        })
    }

    fn note_rotation(&mut self, session: usize, rotation: Rotation) -> Seen {
        let (token, user, how) = match rotation {
            Rotation::Continued { token, user, how, .. } => (token, user, how),
            Rotation::Reused => return Seen::Rotation("reused"),
            Rotation::Expired => return Seen::Rotation("expired"),
            Rotation::Revoked => return Seen::Rotation("revoked"),
            Rotation::Unknown => return Seen::Rotation("unknown"),
        };
        let chain = &mut self.sessions[session].1;
        if !chain.contains(&token) {
            chain.push(token);
        }
        let place = chain.iter().position(|known| *known == token).unwrap();
        // A login in the same batch may have changed the rest of the user by then.
        Seen::Continued { how, token: place, expires_at: token.expires_at, user: user.username }
    }

    /// Everything the tables say but the random ids.
    async fn tables(&self) -> Vec<String> {
        let text = if on_mariadb() { "CHAR(40)" } else { "VARCHAR(40)" };
        let null = |column: &str| format!("COALESCE(CAST({column} AS {text}), '-')");
        let sessions = format!(
            "SELECT username || ' ' || last_used_at || ' ' || expires_at || ' ' || sessions.created_at || ' ' || {} \
             || ' ' || {} || ' ' || (SELECT COUNT(*) FROM refresh_tokens WHERE session_id = sessions.id) || ' ' || \
             (SELECT COUNT(*) FROM refresh_tokens WHERE session_id = sessions.id AND consumed_at IS NULL \
             AND successor IS NULL) FROM sessions JOIN users ON users.id = user_id ORDER BY 1",
            null("revoked_at"),
            null("revoked_because"),
        );
        let tokens = format!(
            "SELECT issued_at || ' ' || refresh_tokens.expires_at || ' ' || {} FROM refresh_tokens ORDER BY 1",
            null("consumed_at")
        );
        let identities = "SELECT subject || ' ' || profile_read_at || ' ' || identities.created_at || ' ' || last_login_at \
             || ' ' || needs_agreement || ' ' || username || ' ' || COALESCE(nickname, '-') || ' ' || \
             COALESCE(email, '-') || ' ' || users.updated_at FROM identities JOIN users ON users.id = user_id ORDER BY 1";
        let trail = format!(
            "SELECT event || ' ' || at || ' ' || {} || ' ' || COALESCE(username, '-') FROM audit_events \
             LEFT JOIN users ON users.id = user_id ORDER BY 1",
            null("ip"),
        );
        let mut rows = Vec::new();
        for sql in [sessions.as_str(), &tokens, identities, &trail] {
            rows.extend(self.database.texts(sql).await);
        }
        rows
    }
}

enum Answer {
    Login(Box<SignedInRows>),
    Rotation(usize, Box<Rotation>),
    Ended(usize),
    Read,
}

fn shape(user: &munjigi::domain::user::User) -> String {
    format!(
        "{} {:?} {:?} {:?} {}",
        user.username,
        user.nickname,
        user.email,
        user.needs_agreement,
        user.updated_at.millis()
    )
}

/// What a provider may tell: nothing, a part, all.
fn profile(told: u8) -> Option<StoredProfile> {
    let told = match told {
        0 => return None,
        1 => ProviderProfile { nickname: Some("하나".to_owned()), ..ProviderProfile::default() },
        2 => ProviderProfile {
            nickname: Some("둘".to_owned()),
            email: Some("two@example.com".to_owned()),
            is_whole: true,
            ..ProviderProfile::default()
        },
        _ => ProviderProfile {
            email_is_lost: true,
            needs_agreement: vec!["account_email".to_owned()],
            is_whole: true,
            ..ProviderProfile::default()
        },
    };
    Some(StoredProfile { told, sealed: None })
}

/// Plays rounds of writes: each round is one batch on one side, and goes one after the other on the other side.
async fn play(rounds: &[(Vec<Step>, u64)]) {
    let (database, storage) = batched().await;
    let mut together = Side { database, storage, sessions: Vec::new() };
    let (database, storage) = plain().await;
    let mut alone = Side { database, storage, sessions: Vec::new() };
    let mut now = START;
    for (steps, wait) in rounds {
        now = now + Duration::from_secs(*wait);
        let answers = futures_util::future::join_all(steps.iter().map(|step| together.take(*step, now))).await;
        let batched: Vec<_> = answers.into_iter().map(|answer| together.note(answer)).collect();
        // What a step is about was decided when the round began.
        let mut one_by_one = Vec::new();
        for step in steps {
            one_by_one.push(alone.take(*step, now).await);
        }
        let one_by_one: Vec<_> = one_by_one.into_iter().map(|answer| alone.note(answer)).collect();
        for ((step, batched), alone) in steps.iter().zip(&batched).zip(&one_by_one) {
            assert_eq!(batched, alone, "{step:?} among {steps:?}");
        }
    }
    assert_eq!(together.tables().await, alone.tables().await);
    assert_eq!(transactions(&together.storage).1, 0, "no batch was undone");
    together.storage.close().await;
    alone.storage.close().await;
}

#[test]
fn a_batch_is_what_its_writes_would_have_been_one_by_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let cases = if on_postgres() || on_mariadb() { 12 } else { 40 };
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 64, ..ProptestConfig::default() };
    let wait = prop_oneof![0_u64..40, 3_000_u64..90_000, 200_000_u64..700_000];
    let rounds = proptest::collection::vec((proptest::collection::vec(step(), 1..24), wait), 2..10);
    let result = TestRunner::new(config).run(&rounds, |rounds| {
        runtime.block_on(play(&rounds));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
