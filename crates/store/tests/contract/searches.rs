//! Saved and recent searches.

use crate::world::{World, contract};
use fettle_model::access::Role;
use fettle_model::ids::{SearchId, UserId};
use fettle_query::Entity;
use fettle_store::{MAX_RECENT, MAX_SAVED, SavedSearch, SearchText, StoreError};
use jiff::SignedDuration;

fn text(query: &str) -> SearchText {
    SearchText { query: query.to_owned(), beside: String::new() }
}

fn saved(world: &World, user: UserId, entity: Entity, name: &str) -> SavedSearch {
    let (id, now) = (SearchId::make(world.now(), world.ten()), world.now());
    let text = SearchText { query: "online:yes".to_owned(), beside: "severity:critical".to_owned() };
    SavedSearch { id, user, entity, name: name.to_owned(), text, created_at: now, updated_at: now }
}

async fn recent(world: &World, user: UserId, entity: Entity) -> Vec<String> {
    let recent = world.store.recent_searches(user, entity).await.expect("answers");
    recent.into_iter().map(|search| search.text.query).collect()
}

contract! {
    async fn searches_are_kept_per_person_and_entity(world: &World) {
        let (ada, bob) = (world.user("ada", Role::PatchReader).await.id, world.user("bob", Role::PatchReader).await.id);
        let mine = saved(world, ada, Entity::Asset, "Critical");
        world.store.create_search(&mine).await.expect("kept");
        let refused = world.store.create_search(&saved(world, ada, Entity::Asset, "CRITICAL ")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { code: "name-taken", .. })), "{refused:?}");
        world.store.create_search(&saved(world, ada, Entity::Patch, "Critical")).await.expect("another entity");
        world.store.create_search(&saved(world, bob, Entity::Asset, "Critical")).await.expect("another person");
        let other = saved(world, ada, Entity::Asset, "all");
        world.store.create_search(&other).await.expect("kept");
        assert_eq!(world.store.searches(ada, Entity::Asset).await.expect("answers"), [other.clone(), mine.clone()]);
        assert_eq!(world.store.search(ada, mine.id).await.expect("answers"), Some(mine.clone()));
        assert_eq!(world.store.search(bob, mine.id).await.expect("answers"), None);

        let taken = world.store.update_search(&SavedSearch { name: "ALL".to_owned(), ..mine.clone() }).await;
        assert!(matches!(taken, Err(StoreError::Conflict { code: "name-taken", .. })), "{taken:?}");
        let later = world.later(SignedDuration::from_secs(1));
        let changed = SavedSearch { name: "critical ones".to_owned(), text: text("x"), updated_at: later, ..mine.clone() };
        world.store.update_search(&changed).await.expect("changed");
        assert_eq!(world.store.search(ada, mine.id).await.expect("answers"), Some(changed));
        let theirs = world.store.update_search(&SavedSearch { user: bob, ..mine.clone() }).await;
        assert!(matches!(theirs, Err(StoreError::Conflict { .. } | StoreError::NotFound { .. })), "{theirs:?}");
        assert!(matches!(world.store.delete_search(bob, mine.id).await, Err(StoreError::NotFound { what: "search" })));
        world.store.delete_search(ada, mine.id).await.expect("removed");
        assert!(matches!(world.store.delete_search(ada, mine.id).await, Err(StoreError::NotFound { what: "search" })));
        assert_eq!(world.store.searches(ada, Entity::Asset).await.expect("answers"), [other]);
    }

    async fn nobody_keeps_too_many(world: &World) {
        let ada = world.user("ada", Role::PatchReader).await.id;
        for number in 0..MAX_SAVED {
            world.store.create_search(&saved(world, ada, Entity::Job, &format!("search {number}"))).await.expect("kept");
        }
        let refused = world.store.create_search(&saved(world, ada, Entity::Job, "one more")).await;
        assert!(matches!(refused, Err(StoreError::Conflict { code: "too-many", .. })), "{refused:?}");
        world.store.create_search(&saved(world, ada, Entity::Asset, "one more")).await.expect("of another entity");
    }

    async fn the_newest_searches_are_remembered(world: &World) {
        let (ada, bob) = (world.user("ada", Role::PatchReader).await.id, world.user("bob", Role::PatchReader).await.id);
        for number in 0..MAX_RECENT + 5 {
            world.store.note_search(ada, Entity::Asset, &text(&format!("name:{number}")), world.now()).await.expect("noted");
        }
        world.store.note_search(bob, Entity::Asset, &text("bob's"), world.now()).await.expect("noted");
        world.store.note_search(ada, Entity::Patch, &text("title:x"), world.now()).await.expect("noted");
        let expected: Vec<String> = (5..MAX_RECENT + 5).rev().map(|number| format!("name:{number}")).collect();
        assert_eq!(recent(world, ada, Entity::Asset).await, expected);
        let later = world.later(SignedDuration::from_secs(60));
        world.store.note_search(ada, Entity::Asset, &text("name:9"), later).await.expect("noted");
        let found = world.store.recent_searches(ada, Entity::Asset).await.expect("answers");
        assert_eq!((found[0].text.query.as_str(), found[0].used_at), ("name:9", later));
        assert_eq!(found.iter().filter(|search| search.text == text("name:9")).count(), 1);
        assert_eq!(i64::try_from(found.len()).expect("few"), MAX_RECENT);
        // The texts of both boxes make a search another one.
        let both = SearchText { query: "name:9".to_owned(), beside: "kev:yes".to_owned() };
        world.store.note_search(ada, Entity::Asset, &both, later).await.expect("noted");
        let found = world.store.recent_searches(ada, Entity::Asset).await.expect("answers");
        assert_eq!((&found[0].text, &found[1].text), (&both, &text("name:9")));
        world.store.clear_recent_searches(ada, Entity::Asset).await.expect("forgotten");
        assert!(recent(world, ada, Entity::Asset).await.is_empty());
        assert_eq!(recent(world, ada, Entity::Patch).await, ["title:x"]);
        assert_eq!(recent(world, bob, Entity::Asset).await, ["bob's"]);
    }

    async fn the_longest_texts_fit(world: &World) {
        let ada = world.user("ada", Role::PatchReader).await.id;
        // As long as the language allows, and nothing a database could fold together.
        let long: String = (0..2_340_u32).map(|number| format!("{:07x}", number.wrapping_mul(2_654_435_761))).collect::<String>()[..16_380].to_owned();
        let both = SearchText { query: long.clone(), beside: long };
        world.store.note_search(ada, Entity::Asset, &both, world.now()).await.expect("noted");
        world.store.note_search(ada, Entity::Asset, &both, world.now()).await.expect("noted");
        let found = world.store.recent_searches(ada, Entity::Asset).await.expect("answers");
        assert_eq!(found.into_iter().map(|search| search.text).collect::<Vec<_>>(), std::slice::from_ref(&both));
        let search = SavedSearch { text: both, ..saved(world, ada, Entity::Asset, "long") };
        world.store.create_search(&search).await.expect("kept");
        assert_eq!(world.store.searches(ada, Entity::Asset).await.expect("answers"), [search]);
    }

    async fn two_tabs_searching_at_once_lose_nothing(world: &World) {
        let ada = world.user("ada", Role::PatchReader).await.id;
        let other = world.another_node().await;
        let now = world.now();
        let searching = (0..24).map(|number| {
            let store = if number % 2 == 0 { world.store.clone() } else { other.clone() };
            tokio::spawn(async move { store.note_search(ada, Entity::Asset, &text(&format!("name:{}", number % 12)), now).await })
        });
        for search in searching.collect::<Vec<_>>() {
            search.await.expect("runs").expect("noted");
        }
        let mut found = recent(world, ada, Entity::Asset).await;
        found.sort();
        let mut expected: Vec<String> = (0..12).map(|number| format!("name:{number}")).collect();
        expected.sort();
        assert_eq!(found, expected);
    }

    async fn searches_go_with_their_person(world: &World) {
        world.user("root", Role::SuperUser).await;
        let ada = world.user("ada", Role::PatchReader).await.id;
        world.store.create_search(&saved(world, ada, Entity::Asset, "mine")).await.expect("kept");
        world.store.note_search(ada, Entity::Asset, &text("x"), world.now()).await.expect("noted");
        world.store.delete_user(ada, &world.audit("user.delete")).await.expect("removed");
        assert_eq!(world.count("searches").await + world.count("recent_searches").await, 0);
    }
}
