using Enrichment.Cli;

return await CommandLine.RunAsync(args);
