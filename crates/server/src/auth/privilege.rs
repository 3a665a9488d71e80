//! No privilege can be gained by giving some away.

use crate::api::problem::FieldError;
use fettle_model::access::{Actor, Role, Scope};

/// What is wrong with giving `role` and `scope` to somebody or something, given by `maker`. `scope` has the
/// children of its tags added, as [`super::caller`] does for actors. Empty when it may be given.
#[must_use]
pub fn excess(maker: &Actor, role: Role, scope: &Scope) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !maker.role.includes(role) {
        errors.push(FieldError::new("role", format!("{role} may do more than your own role; give one that yours includes")));
    }
    // A super user sees everything, so giving the role gives that scope.
    let given = if role == Role::SuperUser { &Scope::Everything } else { scope };
    if !maker.scope().covers(given) {
        errors.push(FieldError::new("scope", "is larger than your own scope; give tags that you see yourself"));
    }
    errors
}

/// Whether somebody may work on a job of `owner` as co-author: same or higher role, same or larger scope.
#[must_use]
pub fn may_co_author(candidate: &Actor, owner: &Actor) -> bool {
    candidate.role.includes(owner.role) && candidate.scope().covers(owner.scope())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fettle_model::ids::{TagId, UserId};
    use std::collections::BTreeSet;
    use uuid::Uuid;

    fn scope(tags: &[u128]) -> Scope {
        Scope::Tags(tags.iter().map(|&tag| TagId(Uuid::from_u128(tag))).collect::<BTreeSet<_>>())
    }

    fn actor(role: Role, scope: Scope) -> Actor {
        Actor::new(UserId(Uuid::from_u128(1)), role, scope)
    }

    #[rstest::rstest]
    #[case(Role::PatchUser, &[1], &[])]
    #[case(Role::PatchReader, &[1, 2], &[])]
    #[case(Role::PatchManager, &[1], &["role"])]
    #[case(Role::PatchUser, &[3], &["scope"])]
    #[case(Role::SuperUser, &[1], &["role", "scope"])]
    #[case(Role::PatchSecurity, &[1], &["role"])]
    fn nothing_larger_than_ones_own_is_given(#[case] role: Role, #[case] tags: &[u128], #[case] refused: &[&str]) {
        let maker = actor(Role::PatchUser, scope(&[1, 2]));
        let fields: Vec<String> = excess(&maker, role, &scope(tags)).into_iter().map(|error| error.field).collect();
        assert_eq!(fields, refused);
    }

    #[test]
    fn a_co_author_sees_and_may_at_least_what_the_owner_does() {
        let owner = actor(Role::PatchUser, scope(&[1]));
        assert!(may_co_author(&actor(Role::PatchManager, scope(&[1, 2])), &owner));
        assert!(!may_co_author(&actor(Role::PatchReader, scope(&[1])), &owner));
        assert!(!may_co_author(&actor(Role::PatchManager, scope(&[2])), &owner));
        assert!(may_co_author(&actor(Role::SuperUser, scope(&[])), &owner));
    }
}
