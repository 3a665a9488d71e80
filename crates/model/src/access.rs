//! Who may do what: one pure decision over one matrix.
//!
//! Every API operation asks [`decide`]; lists ask [`Actor::scope`] and are cut to it. To add a permission,
//! add an [`Action`] and its row to [`allowed`]; the table test below then wants the row of `access.md`.

use crate::ids::{TagId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

crate::text_enum! {
    /// What a person may be. All but `PatchSecurity` include the one before.
    pub enum Role {
        /// Looks.
        PatchReader = "patch_reader",
        /// Looks, and makes dashboards.
        DashboardAuthor = "patch_dashboard_author",
        /// Makes and runs jobs of their own.
        PatchUser = "patch_user",
        /// Proposes patches; stands apart from the others.
        PatchSecurity = "patch_security",
        /// Runs any job and manages the installation's patching.
        PatchManager = "patch_manager",
        /// May do everything and administers users.
        SuperUser = "super_user",
    }
}

impl Role {
    /// Whether this role may do at least what `other` may.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        Action::ALL.iter().all(|&action| !allowed(other, action) || allowed(self, action))
    }

    /// Whether jobs may belong to this role. Patch Security can neither own nor edit one.
    #[must_use]
    pub fn may_own_jobs(self) -> bool {
        matches!(self, Self::PatchUser | Self::PatchManager | Self::SuperUser)
    }
}

crate::text_enum! {
    /// Everything that can be asked for. The texts name permissions in the API.
    pub enum Action {
        /// Change licences.
        ManageLicence = "licence.manage",
        /// Look at licences.
        ViewLicence = "licence.view",
        /// Create, edit, delete, enable, disable assessment profiles.
        ManageAssessmentProfile = "assessment_profile.manage",
        /// Look at assessment profiles.
        ViewAssessmentProfile = "assessment_profile.view",
        /// Give a job to somebody else.
        ChangeJobOwner = "job.change_owner",
        /// List jobs: status, name, owner, schedule.
        ListJobs = "job.list",
        /// Open a job.
        ViewJob = "job.view",
        /// Create or clone a job.
        CreateJob = "job.create",
        /// Create a job advisory.
        CreateJobAdvisory = "job_advisory.create",
        /// Change a job.
        EditJob = "job.edit",
        /// Enable or disable a job.
        EnableJob = "job.enable",
        /// Delete a job.
        DeleteJob = "job.delete",
        /// Look at dashboards.
        ViewDashboard = "dashboard.view",
        /// Create, edit, delete own dashboards.
        ManageOwnDashboard = "dashboard.manage_own",
        /// Edit and delete dashboards of others, print and download; given to single people.
        ManageAnyDashboard = "dashboard.manage_any",
        /// Look at assets and patches in scope, export them.
        ViewFleet = "fleet.view",
        /// Ask an asset to scan, change its static tags.
        OperateAsset = "asset.operate",
        /// Remove an asset and revoke its agent.
        RemoveAsset = "asset.remove",
        /// Manage agent profiles, activation keys, feeds, custom patches, mirrors, calendars, channels, tags.
        ManageConfiguration = "configuration.manage",
        /// Users, roles, scopes, single sign-on, subscription, audit log.
        Administer = "administer",
        /// One's own account: password, sessions, tokens.
        ManageOwnAccount = "account.manage_own",
    }
}

/// The part of the fleet an actor sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every asset.
    Everything,
    /// Assets that carry one of these tags. Children of given tags are already added.
    Tags(BTreeSet<TagId>),
}

impl Scope {
    /// Whether an asset with these tags is in scope.
    #[must_use]
    pub fn sees(&self, asset_tags: &BTreeSet<TagId>) -> bool {
        match self {
            Self::Everything => true,
            Self::Tags(tags) => !tags.is_disjoint(asset_tags),
        }
    }

    /// Whether everything `other` sees is seen here too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, _) => true,
            (Self::Tags(_), Self::Everything) => false,
            (Self::Tags(ours), Self::Tags(theirs)) => theirs.is_subset(ours),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; a token acts as its maker.
    pub user: UserId,
    /// Role it acts with; for a token never more than its maker's.
    pub role: Role,
    scope: Scope,
}

impl Actor {
    /// An actor. A super user sees everything, whatever tags they were given.
    #[must_use]
    pub fn new(user: UserId, role: Role, scope: Scope) -> Self {
        let scope = if role == Role::SuperUser { Scope::Everything } else { scope };
        Self { user, role, scope }
    }

    /// What this actor sees.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// The subscription as a whole: lists, creation, configuration.
    Subscription,
    /// One asset, by the tags it carries.
    Asset {
        /// Tags of the asset.
        tags: &'a BTreeSet<TagId>,
    },
    /// One job, by the people it belongs to.
    Job {
        /// Owner; an advisory has none.
        owner: Option<UserId>,
        /// Co-authors.
        co_authors: &'a [UserId],
    },
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// The actor may know that it exists and may not do this (403).
    Forbidden,
    /// For this actor it does not exist (404).
    Hidden,
}

/// Decides whether `actor` may do `action` on `resource`.
#[must_use]
pub fn decide(actor: &Actor, action: Action, resource: Resource<'_>) -> Decision {
    match resource {
        Resource::Asset { tags } if !actor.scope().sees(tags) => Decision::Hidden,
        Resource::Job { owner, co_authors } => {
            let assigned = owner == Some(actor.user) || co_authors.contains(&actor.user);
            let role_is_enough = if assigned { allowed(actor.role, action) } else { allowed_on_any_job(actor.role, action) };
            if role_is_enough { Decision::Allowed } else { Decision::Forbidden }
        }
        Resource::Asset { .. } | Resource::Subscription if allowed(actor.role, action) => Decision::Allowed,
        Resource::Asset { .. } | Resource::Subscription => Decision::Forbidden,
    }
}

/// The matrix: may this role do this at all, on what is in its scope and, for jobs, assigned to it.
#[must_use]
pub fn allowed(role: Role, action: Action) -> bool {
    use Action as A;
    use Role as R;
    match action {
        A::ViewLicence | A::ViewAssessmentProfile | A::ListJobs | A::ViewJob | A::ViewDashboard | A::ViewFleet | A::ManageOwnAccount => {
            true
        }
        A::ManageOwnDashboard => matches!(role, R::DashboardAuthor | R::PatchUser | R::PatchManager | R::SuperUser),
        A::CreateJob | A::EditJob | A::EnableJob | A::DeleteJob | A::OperateAsset => {
            matches!(role, R::PatchUser | R::PatchManager | R::SuperUser)
        }
        A::CreateJobAdvisory => matches!(role, R::PatchSecurity | R::SuperUser),
        A::ManageLicence | A::ManageAssessmentProfile | A::ChangeJobOwner | A::ManageConfiguration | A::RemoveAsset => {
            matches!(role, R::PatchManager | R::SuperUser)
        }
        A::ManageAnyDashboard | A::Administer => role == R::SuperUser,
    }
}

/// May this role do this to jobs that are not its own.
fn allowed_on_any_job(role: Role, action: Action) -> bool {
    match action {
        Action::ListJobs => true,
        _ => matches!(role, Role::PatchManager | Role::SuperUser) && allowed(role, action),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{DashboardAuthor, PatchManager, PatchReader, PatchSecurity, PatchUser, SuperUser};
    use uuid::Uuid;

    const ME: UserId = UserId(Uuid::from_u128(7));
    const SOMEBODY: UserId = UserId(Uuid::from_u128(8));
    /// The columns of the table in the access specification, in its order.
    const COLUMNS: [Role; 6] = [PatchReader, DashboardAuthor, PatchUser, PatchSecurity, PatchManager, SuperUser];

    fn row(mark: &str) -> [bool; 6] {
        let cells: Vec<bool> = mark.split_whitespace().map(|cell| cell == "Y").collect();
        cells.try_into().expect("six cells")
    }

    #[test]
    fn the_matrix_is_the_table_of_the_specification() {
        let table = [
            (Action::ManageLicence, "- - - - Y Y"),
            (Action::ViewLicence, "Y Y Y Y Y Y"),
            (Action::ManageAssessmentProfile, "- - - - Y Y"),
            (Action::ViewAssessmentProfile, "Y Y Y Y Y Y"),
            (Action::ChangeJobOwner, "- - - - Y Y"),
            (Action::CreateJob, "- - Y - Y Y"),
            (Action::CreateJobAdvisory, "- - - Y - Y"),
            (Action::ViewDashboard, "Y Y Y Y Y Y"),
            (Action::ManageOwnDashboard, "- Y Y - Y Y"),
            (Action::ManageAnyDashboard, "- - - - - Y"),
            (Action::ViewFleet, "Y Y Y Y Y Y"),
            (Action::OperateAsset, "- - Y - Y Y"),
            (Action::RemoveAsset, "- - - - Y Y"),
            (Action::ManageConfiguration, "- - - - Y Y"),
            (Action::Administer, "- - - - - Y"),
            (Action::ManageOwnAccount, "Y Y Y Y Y Y"),
            (Action::ListJobs, "Y Y Y Y Y Y"),
        ];
        for (action, mark) in table {
            let got = COLUMNS.map(|role| decide(&actor(role), action, Resource::Subscription) == Decision::Allowed);
            assert_eq!(got, row(mark), "{action}");
        }
    }

    #[test]
    fn jobs_of_others_need_a_manager_and_assigned_jobs_a_user() {
        let any = [
            (Action::ListJobs, "Y Y Y Y Y Y"),
            (Action::ViewJob, "- - - - Y Y"),
            (Action::EditJob, "- - - - Y Y"),
            (Action::EnableJob, "- - - - Y Y"),
            (Action::DeleteJob, "- - - - Y Y"),
        ];
        let assigned = [
            (Action::ViewJob, "Y Y Y Y Y Y"),
            (Action::EditJob, "- - Y - Y Y"),
            (Action::EnableJob, "- - Y - Y Y"),
            (Action::DeleteJob, "- - Y - Y Y"),
        ];
        for (action, mark) in any {
            let job = Resource::Job { owner: Some(SOMEBODY), co_authors: &[] };
            let got = COLUMNS.map(|role| decide(&actor(role), action, job) == Decision::Allowed);
            assert_eq!(got, row(mark), "any job: {action}");
        }
        for (action, mark) in assigned {
            for job in [Resource::Job { owner: Some(ME), co_authors: &[] }, Resource::Job { owner: Some(SOMEBODY), co_authors: &[ME] }] {
                let got = COLUMNS.map(|role| decide(&actor(role), action, job) == Decision::Allowed);
                assert_eq!(got, row(mark), "assigned job: {action}");
            }
        }
    }

    #[test]
    fn an_asset_out_of_scope_does_not_exist() {
        let mine = TagId(Uuid::from_u128(1));
        let other = TagId(Uuid::from_u128(2));
        let me = Actor::new(ME, PatchManager, Scope::Tags(BTreeSet::from([mine])));
        for &action in Action::ALL {
            let on = |tag: TagId| decide(&me, action, Resource::Asset { tags: &BTreeSet::from([tag]) });
            assert_eq!(on(other), Decision::Hidden, "{action}");
            assert_ne!(on(mine), Decision::Hidden, "{action}");
        }
        let root = Actor::new(ME, SuperUser, Scope::Tags(BTreeSet::new()));
        assert_eq!(decide(&root, Action::ViewFleet, Resource::Asset { tags: &BTreeSet::new() }), Decision::Allowed);
    }

    #[test]
    fn roles_form_a_chain_with_security_beside_it() {
        for pair in [PatchReader, DashboardAuthor, PatchUser, PatchManager, SuperUser].windows(2) {
            assert!(pair[1].includes(pair[0]) && !pair[0].includes(pair[1]), "{} and {}", pair[0], pair[1]);
        }
        assert!(!PatchManager.includes(PatchSecurity) && !PatchSecurity.includes(PatchUser));
        assert!(SuperUser.includes(PatchSecurity));
    }

    fn actor(role: Role) -> Actor {
        Actor::new(ME, role, Scope::Everything)
    }
}
