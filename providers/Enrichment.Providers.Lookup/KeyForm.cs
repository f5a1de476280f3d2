namespace Enrichment.Providers.Lookup;

/// <summary>The forms in which keys are compared. A value that has not the form is no key.</summary>
public enum KeyForm
{
    /// <summary>
    /// Lower case, white space as single spaces, composed (NFC). What spreadsheets write for nothing, such as <c>N/A</c>, is no key.
    /// </summary>
    Text = 0,

    /// <summary>As it is, without surrounding white space: for codes and ids whose case counts.</summary>
    Exact = 1,

    /// <summary>The registrable domain of a domain, host or web address: <c>acme.co.uk</c>.</summary>
    Domain = 2,

    /// <summary>An e-mail address in lower case, without display name.</summary>
    Email = 3,

    /// <summary>An address on LinkedIn: <c>https://www.linkedin.com/in/jane-doe</c>.</summary>
    LinkedIn = 4,
}
