import type { components } from "./schema";

// The words of the API under the names the console uses for them.
type Schemas = components["schemas"];

export type AssetRow = Schemas["AssetRow"];
export type AssetDetail = Schemas["AssetDetail"];
export type AssetPatchRow = Schemas["AssetPatchRow"];
export type AssetJobRow = Schemas["AssetJobRow"];
export type PackageRow = Schemas["PackageRow"];
export type Inventory = Schemas["InventoryBody"];
export type TagRef = Schemas["TagRef"];
export type AssetRef = Schemas["AssetRef"];
export type PatchRef = Schemas["PatchRef"];
export type PatchRow = Schemas["PatchRow"];
export type PatchDetail = Schemas["PatchDetail"];
export type PatchChain = Schemas["PatchChain"];
export type ResultRow = Schemas["ResultRow"];
export type AuditEntry = Schemas["AuditBody"];
export type Why = Schemas["WhyBody"];
export type Judged = Schemas["JudgedPackage"];
export type JobRow = Schemas["JobRow"];
export type Job = Schemas["JobBody"];
export type CreateJob = Schemas["CreateJob"];
export type ChangeJob = Schemas["ChangeJob"];
export type Selection = Schemas["SelectionBody"];
export type Schedule = Schemas["ScheduleBody"];
export type Preview = Schemas["Preview"];
export type LeftOut = Schemas["LeftOut"];
export type Run = Schemas["RunBody"];
export type RunAssetRow = Schemas["RunAssetRow"];
export type RunAssetDetail = Schemas["RunAssetDetail"];
export type RunPatch = Schemas["RunPatch"];
export type Failure = Schemas["FailureBody"];
export type Me = Schemas["Me"];
export type Scope = Schemas["ScopeBody"];
export type User = Schemas["UserBody"];
export type Tag = Schemas["TagBody"];
export type Key = Schemas["KeyBody"];
export type CreatedKey = Schemas["CreatedKey"];
export type Token = Schemas["TokenBody"];
export type CreatedToken = Schemas["CreatedToken"];
export type Feed = Schemas["FeedBody"];
export type FeedSync = Schemas["FeedSyncBody"];
export type FeedsFromMachine = Schemas["FeedsFromMachine"];
export type Status = Schemas["Status"];
export type Permission = Schemas["Permission"];
export type Role = Schemas["Role"];
export type JobKind = Schemas["JobKind"];
export type JobStatus = Schemas["JobStatus"];
export type PatchRunStatus = Schemas["PatchRunStatus"];

/** One page of any list. */
export type Page<T> = { items: T[]; total: number; unknown?: number; version?: string; next?: string | null };
