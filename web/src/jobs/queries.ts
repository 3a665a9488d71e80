import { queryOptions } from "@tanstack/react-query";
import { api, body, once } from "~/api/client";
import type { ChangeJob, CreateJob, Job, JobRow, Me, Permission } from "~/api/model";
import { PAGE_SIZE } from "~/list/useCursorList";
import type { JobsAddress } from "./address";

/** One page of the job list. */
export function jobsPage(
  address: JobsAddress,
  cursor: string | undefined,
  limit = PAGE_SIZE,
  signal?: AbortSignal,
) {
  const query = { query: address.query, sort: address.sort, limit, cursor };
  return body(api.GET("/api/v1/jobs", { params: { query }, signal }));
}

/** How many jobs a query lists. */
export const jobCountQuery = (query: string) =>
  queryOptions({
    queryKey: ["jobs", "count", query],
    queryFn: async ({ signal }) => (await jobsPage({ query }, undefined, 1, signal)).total,
    staleTime: 10_000,
    placeholderData: (previous) => previous,
  });

/** One job with its definition. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => fetchJob(id, signal),
    refetchInterval: (query) => (query.state.data?.status === "enabled" ? 4_000 : false),
  });

export function fetchJob(id: string, signal?: AbortSignal): Promise<Job> {
  return body(api.GET("/api/v1/jobs/{id}", { params: { path: { id } }, signal }));
}

/** The job's runs, newest first. */
export const runsQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id, "runs"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/jobs/{id}/runs", { params: { path: { id }, query: { limit: 100 } }, signal })),
    refetchInterval: 10_000,
  });

/** What the job would do if it ran now. */
export const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id, "preview"],
    queryFn: ({ signal }) => body(api.GET("/api/v1/jobs/{id}/preview", { params: { path: { id } }, signal })),
    staleTime: 0,
    gcTime: 0,
  });

export function createJob(job: CreateJob): Promise<Job> {
  return body(api.POST("/api/v1/jobs", { body: job, params: { header: once() } }));
}

export function changeJob(id: string, change: ChangeJob): Promise<Job> {
  return body(api.PATCH("/api/v1/jobs/{id}", { params: { path: { id } }, body: change }));
}

export function enableJob(id: string): Promise<Job> {
  return body(api.POST("/api/v1/jobs/{id}/enable", { params: { path: { id } } }));
}

export function disableJob(id: string): Promise<Job> {
  return body(api.POST("/api/v1/jobs/{id}/disable", { params: { path: { id } } }));
}

export function cloneJob(id: string): Promise<Job> {
  return body(api.POST("/api/v1/jobs/{id}/clone", { params: { path: { id }, header: once() } }));
}

export async function deleteJob(id: string): Promise<void> {
  await api.DELETE("/api/v1/jobs/{id}", { params: { path: { id } } });
}

/** Whether the reader may do something with a job; the server says it with each one. */
export function mayOnJob(job: { permissions: Permission[] }, permission: Me["permissions"][number]): boolean {
  return job.permissions.includes(permission);
}

const ONCE: readonly string[] = ["on_demand", "once"];

/** Whether the job runs a single time; such a job is never disabled again. */
export function runsOnce(job: Pick<JobRow, "schedule">): boolean {
  return job.schedule !== null && ONCE.includes(job.schedule.type);
}

/** Whether the job may no longer be edited: it runs once and was enabled, or it is over. */
export function isFrozen(job: Pick<JobRow, "status" | "schedule">): boolean {
  return job.status === "completed" || (job.status === "enabled" && runsOnce(job));
}
