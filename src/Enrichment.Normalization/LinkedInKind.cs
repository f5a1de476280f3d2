namespace Enrichment.Normalization;

/// <summary>What an address on LinkedIn points to.</summary>
public enum LinkedInKind
{
    /// <summary>A member's public page: <c>/in/jane-doe</c>.</summary>
    Profile = 1,

    /// <summary>
    /// A member by the opaque id of Sales Navigator and Recruiter: <c>/sales/lead/ACwAA…</c> or <c>/in/ACoAA…</c>, of which the latter
    /// opens without a licence. Not the public address; case matters in it.
    /// </summary>
    MemberId = 2,

    /// <summary>A company's page, by name or number: <c>/company/acme</c>, <c>/sales/company/1234</c>.</summary>
    Company = 3,

    /// <summary>A school's page: <c>/school/mit</c>.</summary>
    School = 4,
}
