using System.Collections.Frozen;

namespace Enrichment.Consolidation;

/// <summary>The names that the engine itself uses in a database: no projection may have them.</summary>
internal static class EngineNames
{
    public static FrozenSet<string> All { get; } = FrozenSet.Create(
        StringComparer.Ordinal,

        // Tables.
        "attempts", "batch_events", "batch_items", "batches", "clients", "duties", "enrichment_results", "entities", "entity_waits", "inbox", "leases", "limit_blocks", "limits",
        "migrations", "projection_batches", "projection_issues", "projections", "ranges", "refusals", "rejected_rows", "stage_limits", "state_history", "step_manifests", "token_keys", "upload_rows",
        "uploads", "worker_scopes", "workflow_states",

        // Views.
        "item_states", "limit_states",

        // SQLite's temporary tables, which would be found in a projection's stead.
        "advance_moved", "asking", "awaiting", "by_hand", "cancel_counted", "claim_found", "commit_outcome", "complete_ended", "delivery_taken", "dropped", "enrichment_cells",
        "limit_offer", "recalled", "receiving", "release_waiting", "retry_chosen", "retry_left", "sending", "settling", "shared", "sharing", "split_lease", "waking");
}
