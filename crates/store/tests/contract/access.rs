//! People, sessions, tokens and idempotency keys.

use crate::world::{World, contract};
use fettle_model::access::{Role, Scope};
use fettle_model::digest::Sha256Digest;
use fettle_model::ids::{TagId, TokenId, UserId};
use fettle_store::{Begun, SessionRecord, StoreError, StoredAnswer, TokenRecord, UserRecord};
use jiff::SignedDuration;
use std::collections::BTreeSet;

fn code(error: &StoreError) -> &'static str {
    match error {
        StoreError::Conflict { code, .. } => code,
        other => panic!("not a conflict: {other:?}"),
    }
}

fn session(world: &World, user: UserId, token: u8) -> SessionRecord {
    SessionRecord {
        token_hash: Sha256Digest([token; 32]),
        user,
        csrf_token: "csrf".to_owned(),
        from: "192.0.2.1".to_owned(),
        created_at: world.now(),
        last_seen_at: world.now(),
        expires_at: world.now() + SignedDuration::from_hours(1),
    }
}

fn token(world: &World, user: UserId, expires: Option<SignedDuration>) -> TokenRecord {
    TokenRecord {
        id: TokenId::make(world.now(), world.ten()),
        user,
        title: "backup".to_owned(),
        token_hash: Sha256Digest([9; 32]),
        role: Role::PatchReader,
        scope: Scope::Tags(BTreeSet::from([TagId::make(world.now(), world.ten())])),
        created_at: world.now(),
        expires_at: expires.map(|after| world.now() + after),
        last_used_at: None,
    }
}

contract! {
    async fn the_first_user_is_made_once(world: &World) {
        assert!(!world.store.has_administrator().await.expect("answers"));
        let other = world.another_node().await;
        let (ada, bob) = (world.new_user("ada", Role::SuperUser), world.new_user("bob", Role::SuperUser));
        let audit = world.audit("user.create");
        let (one, two) = tokio::join!(world.store.create_first_user(&ada, &audit), other.create_first_user(&bob, &audit));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(code(&one.err().or(two.err()).expect("one failed")), "already-set-up");
        assert_eq!(world.store.users().await.expect("answers").len(), 1);
        assert_eq!(world.store.audit(None, 10).await.expect("answers").len(), 1);
    }

    async fn only_a_super_user_with_a_password_is_an_administrator(world: &World) {
        let scripts = UserRecord { password_hash: String::new(), ..world.new_user("scripts", Role::SuperUser) };
        let audit = world.audit("user.create");
        world.store.create_user(&scripts, &audit).await.expect("a user");
        world.store.create_user(&world.new_user("max", Role::PatchManager), &audit).await.expect("a user");
        assert!(!world.store.has_administrator().await.expect("answers"));
        world.store.create_first_user(&world.new_user("ada", Role::SuperUser), &audit).await.expect("the first");
        assert!(world.store.has_administrator().await.expect("answers"));
    }

    async fn users_come_back_as_they_were_written(world: &World) {
        let mut ada = world.user("Ada", Role::SuperUser).await;
        let mut bob = world.new_user("bob", Role::PatchUser);
        bob.scope = Scope::Tags(BTreeSet::from([TagId::make(world.now(), world.ten())]));
        world.store.create_user(&bob, &world.audit("user.create")).await.expect("a user");
        assert_eq!(world.store.users().await.expect("answers"), [ada.clone(), bob.clone()]);
        assert_eq!(world.store.user_by_name(" ADA").await.expect("answers"), Some(ada.clone()));
        let taken = world.store.create_user(&world.new_user("ADA", Role::PatchUser), &world.audit("user.create")).await;
        assert_eq!(code(&taken.expect_err("taken")), "name-taken");
        ada.name = "bob".to_owned();
        let taken = world.store.update_user(&ada, &world.audit("user.update")).await;
        assert_eq!(code(&taken.expect_err("taken")), "name-taken");
        ada.name = "ada@example".to_owned();
        world.store.update_user(&ada, &world.audit("user.update")).await.expect("renamed");
        assert_eq!(world.store.user(ada.id).await.expect("answers"), Some(ada));
        world.store.delete_user(bob.id, &world.audit("user.delete")).await.expect("removed");
        assert_eq!(world.store.user(bob.id).await.expect("answers"), None);
        let gone = world.store.delete_user(bob.id, &world.audit("user.delete")).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "user" })));
    }

    async fn somebody_always_administers(world: &World) {
        let mut ada = world.user("ada", Role::SuperUser).await;
        world.user("bob", Role::PatchManager).await;
        let audit = world.audit("user.change");
        assert_eq!(code(&world.store.delete_user(ada.id, &audit).await.expect_err("refused")), "last-super-user");
        ada.role = Role::PatchUser;
        assert_eq!(code(&world.store.update_user(&ada, &audit).await.expect_err("refused")), "last-super-user");
        ada.role = Role::SuperUser;
        ada.disabled = true;
        assert_eq!(code(&world.store.update_user(&ada, &audit).await.expect_err("refused")), "last-super-user");
        assert!(!world.store.user(ada.id).await.expect("answers").expect("is there").disabled);
    }

    async fn sessions_end(world: &World) {
        let ada = world.user("ada", Role::SuperUser).await;
        let bob = world.user("bob", Role::SuperUser).await;
        let (first, second) = (session(world, ada.id, 1), session(world, ada.id, 2));
        let other = session(world, bob.id, 3);
        for one in [&first, &second, &other] {
            world.store.create_session(one).await.expect("begins");
        }
        assert_eq!(world.store.session(first.token_hash, world.now()).await.expect("answers"), Some((first.clone(), ada.clone())));
        world.store.set_password(ada.id, "new", Some(first.token_hash), &world.audit("user.password")).await.expect("set");
        assert!(world.store.session(first.token_hash, world.now()).await.expect("answers").is_some());
        assert!(world.store.session(second.token_hash, world.now()).await.expect("answers").is_none());
        let now = world.later(SignedDuration::from_mins(30));
        world.store.touch_session(first.token_hash, now, now + SignedDuration::from_hours(1)).await.expect("touched");
        let now = world.later(SignedDuration::from_mins(45));
        let (found, user) = world.store.session(first.token_hash, now).await.expect("answers").expect("still open");
        assert_eq!((found.last_seen_at, user.password_hash.as_str()), (now - SignedDuration::from_mins(45), "new"));
        assert!(world.store.session(other.token_hash, now).await.expect("answers").is_none(), "expired");
        world.store.end_session(first.token_hash).await.expect("ends");
        world.store.end_session(first.token_hash).await.expect("ending again is fine");
        assert!(world.store.session(first.token_hash, now).await.expect("answers").is_none());
    }

    async fn a_disabled_user_has_neither_session_nor_token(world: &World) {
        world.user("root", Role::SuperUser).await;
        let mut ada = world.user("ada", Role::PatchUser).await;
        let (session, token) = (session(world, ada.id, 1), token(world, ada.id, None));
        world.store.create_session(&session).await.expect("begins");
        world.store.create_token(&token, &world.audit("token.create")).await.expect("a token");
        assert!(world.store.token_by_hash(token.token_hash, world.now()).await.expect("answers").is_some());
        ada.disabled = true;
        world.store.update_user(&ada, &world.audit("user.update")).await.expect("disabled");
        assert!(world.store.session(session.token_hash, world.now()).await.expect("answers").is_none());
        assert!(world.store.token_by_hash(token.token_hash, world.now()).await.expect("answers").is_none());
        ada.disabled = false;
        world.store.update_user(&ada, &world.audit("user.update")).await.expect("enabled");
        assert!(world.store.session(session.token_hash, world.now()).await.expect("answers").is_none(), "ended for good");
        assert!(world.store.token_by_hash(token.token_hash, world.now()).await.expect("answers").is_some());
        world.store.delete_user(ada.id, &world.audit("user.delete")).await.expect("removed");
        assert_eq!(world.store.tokens(None).await.expect("answers"), []);
    }

    async fn tokens_come_back_and_expire(world: &World) {
        let ada = world.user("ada", Role::SuperUser).await;
        let token = token(world, ada.id, Some(SignedDuration::from_hours(1)));
        world.store.create_token(&token, &world.audit("token.create")).await.expect("a token");
        assert_eq!(world.store.tokens(Some(ada.id)).await.expect("answers"), std::slice::from_ref(&token));
        let nobody = UserId::make(world.now(), world.ten());
        assert_eq!(world.store.tokens(Some(nobody)).await.expect("answers"), []);
        let found = world.store.token_by_hash(token.token_hash, world.now()).await.expect("answers");
        assert_eq!(found, Some((token.clone(), ada)));
        world.store.touch_token(token.id, world.now()).await.expect("touched");
        assert_eq!(world.store.token(token.id).await.expect("answers").expect("is there").last_used_at, Some(world.now()));
        let now = world.later(SignedDuration::from_hours(1));
        assert_eq!(world.store.token_by_hash(token.token_hash, now).await.expect("answers"), None);
        world.store.delete_token(token.id, &world.audit("token.delete")).await.expect("removed");
        let gone = world.store.delete_token(token.id, &world.audit("token.delete")).await;
        assert!(matches!(gone, Err(StoreError::NotFound { what: "token" })));
    }

    async fn an_idempotency_key_counts_once(world: &World) {
        let user = UserId::make(world.now(), world.ten());
        let (request, another) = (Sha256Digest([1; 32]), Sha256Digest([2; 32]));
        let other = world.another_node().await;
        let begin = async |store: &fettle_store::Store, request| store.begin_idempotent(user, "k", request, world.now()).await.expect("answers");
        let (one, two) = tokio::join!(begin(&world.store, request), begin(&other, request));
        assert_eq!(BTreeSet::from([format!("{one:?}"), format!("{two:?}")]), BTreeSet::from(["New".to_owned(), "InProgress".to_owned()]));
        assert_eq!(begin(&world.store, another).await, Begun::Conflict);
        world.store.abandon_idempotent(user, "k").await.expect("forgotten");
        assert_eq!(begin(&world.store, request).await, Begun::New);
        let answer = StoredAnswer { status: 201, headers: vec![("location".to_owned(), "/x".to_owned())], body: b"{}".to_vec() };
        world.store.finish_idempotent(user, "k", &answer).await.expect("kept");
        world.store.abandon_idempotent(user, "k").await.expect("a finished one stays");
        assert_eq!(begin(&other, request).await, Begun::Replay(answer));
        assert_eq!(begin(&other, another).await, Begun::Conflict);
        let somebody = UserId::make(world.now(), world.ten());
        assert_eq!(world.store.begin_idempotent(somebody, "k", another, world.now()).await.expect("answers"), Begun::New);
        world.later(SignedDuration::from_hours(25));
        assert_eq!(begin(&world.store, another).await, Begun::New);
    }

    async fn a_request_cut_off_by_a_crash_can_be_tried_again(world: &World) {
        let user = UserId::make(world.now(), world.ten());
        let request = Sha256Digest([1; 32]);
        let begin = async || world.store.begin_idempotent(user, "k", request, world.now()).await.expect("answers");
        assert_eq!(begin().await, Begun::New);
        assert_eq!(begin().await, Begun::InProgress);
        world.later(SignedDuration::from_mins(6));
        assert_eq!(begin().await, Begun::New);
        assert_eq!(begin().await, Begun::InProgress);
    }
}
