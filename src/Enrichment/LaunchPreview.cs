namespace Enrichment;

/// <summary>What a launch would do, told from the uploaded rows. Nothing is launched and nobody is called.</summary>
/// <param name="Pipeline">The pipeline's name.</param>
/// <param name="Rows">How many rows the batch would have.</param>
/// <param name="Stages">Its stages that have effects outside the process, in order.</param>
public sealed record LaunchPreview(string Pipeline, int Rows, IReadOnlyList<StagePreview> Stages);

/// <summary>The calls that a stage would make.</summary>
public sealed record StagePreview
{
    /// <summary>The stage, from 1.</summary>
    public required short Stage { get; init; }

    /// <summary>The step's slug.</summary>
    public required string Step { get; init; }

    /// <summary>How many rows reach it.</summary>
    public required int Rows { get; init; }

    /// <summary>How many different entities they are about; null if each row gets a call of its own.</summary>
    public int? Entities { get; init; }

    /// <summary>For how many of the entities an answer is fresh, or a call is already out.</summary>
    public int Answered { get; init; }

    /// <summary>From how many rows no key can be made. They are skipped, or call for themselves if the step declares that.</summary>
    public int WithoutKey { get; init; }

    /// <summary>
    /// How many rows an earlier stage's answer decides about: whether they are called for, and with which key. They are in no other number
    /// but <see cref="Rows"/>.
    /// </summary>
    public int Undecided { get; init; }

    /// <summary>How many calls would be made, without those of undecided rows.</summary>
    public required int Calls { get; init; }

    /// <summary>How many calls shared and stored answers spare.</summary>
    public required int CallsSaved { get; init; }

    /// <summary>
    /// How many groups of rows probably mean one company although their keys differ: name without legal form and country are equal. They
    /// are not merged; each key has its own call.
    /// </summary>
    public int AmbiguousGroups { get; init; }

    /// <summary>The first of these groups, at most 20: of each the first rows whose keys differ, at most 5.</summary>
    public IReadOnlyList<IReadOnlyList<int>> AmbiguousRows { get; init; } = [];
}
