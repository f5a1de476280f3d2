using System.Collections.Frozen;

namespace Enrichment.Consolidation;

/// <summary>The names that the engine itself uses in a database: no projection may have them.</summary>
internal static class EngineNames
{
    public static FrozenSet<string> All { get; } =
        FrozenSet.Create(
            StringComparer.Ordinal,
            // Tables.
            "attempts",
            "batch_events",
            "batch_items",
            "batches",
            "clients",
            "enrichment_results",
            "entities",
            "entity_waiters",
            "inbox",
            "leases",
            "limits",
            "migrations",
            "observers",
            "permit_blocks",
            "projection_batches",
            "projection_issues",
            "projections",
            "ranges",
            "refusals",
            "rejected_rows",
            "singleton_leases",
            "stage_limits",
            "state_history",
            "step_manifests",
            "token_keys",
            "upload_rows",
            "uploads",
            "worker_scopes",
            "workflow_states",
            // Views.
            "item_states",
            "limit_jobs",
            "limit_states",
            // SQLite's temporary tables, which would be found in a projection's stead.
            "advance_moved",
            "awaiting",
            "cancel_counted",
            "claim_found",
            "commit_outcome",
            "complete_ended",
            "delivery_taken",
            "dropped",
            "due_timers",
            "enrichment_cells",
            "limit_offer",
            "put_off",
            "receiving",
            "rechecked",
            "release_waiting",
            "requesting",
            "resolved",
            "retry_chosen",
            "retry_left",
            "schema_objects",
            "sending",
            "settling",
            "shared",
            "sharing",
            "split_lease");
}
