// Uses the packages as a newcomer would, with nothing but what they promise. Ends with 0 only if all of it holds.
using System.Text;
using Consumer;
using Enrichment;

var step = StepDescriptor.Of<EmailDomainStep>();
Expect("manifest", "acme.email-domain 1.0.0 reads person.email", $"{step.Manifest.Slug} {step.Manifest.Version} reads {string.Join(", ", step.Manifest.Reads)}");

var outcome = await new EmailDomainStep().ExecuteAsync(new StepContext(new OneField("person.email", "Ada@Mail.Example.CO.UK")), CancellationToken.None);
Expect("answer", """Completed {"company.domain":"example.co.uk"}""", $"{outcome.Kind} {Encoding.UTF8.GetString(outcome.Result.Span)}");

var nothing = await new EmailDomainStep().ExecuteAsync(new StepContext(new OneField("person.email", "ada@gmail.com")), CancellationToken.None);
Expect("no answer", "Skipped: the record has no e-mail address of a company", $"{nothing.Kind}: {nothing.Reason}");

return 0;

static void Expect(string what, string expected, string actual)
{
    Console.WriteLine($"{what}: {actual}");
    if (actual != expected)
    {
        throw new InvalidOperationException($"{what}: expected '{expected}', got '{actual}'.");
    }
}
