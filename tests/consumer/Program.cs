// Uses the packages as a newcomer would, with nothing but what their documentation promises.
using Enrichment;

Console.WriteLine(typeof(IEnrichmentStep).Assembly.GetName().Name);
