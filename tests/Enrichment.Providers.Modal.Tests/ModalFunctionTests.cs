namespace Enrichment.Providers.Modal.Tests;

/// <summary>What a function's description makes of the step.</summary>
public sealed class ModalFunctionTests
{
    public static TheoryData<string> Ways => ["call", "spawn", "callback"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_step_is_declared_as_its_function_is_described(string way)
    {
        var manifest = Step(Tried.Size with { Step = "acme.other", Version = "2.1.0" }, way).Manifest;

        Assert.Equal(("acme.other", "2.1.0", Effects.Review), (manifest.Slug, manifest.Version, manifest.Effects));
        Assert.Equal(["company.domain", "company.name"], manifest.Reads);
        Assert.Equal(["company.employee_count"], manifest.Produces.Select(field => field.Field));
        Assert.Equal((way == "callback", way == "spawn"), (manifest.ReceivesCallbacks, manifest.PollInterval is not null));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_function_that_knows_the_key_may_be_called_again(string way) =>
        Assert.Equal(Effects.SafeToRepeat, Step(Tried.Size with { SafeToRepeat = true }, way).Manifest.Effects);

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_function_that_answers_about_companies_is_called_once_for_each(string way)
    {
        var entity = new StepEntity("company", ["company.domain"])
        {
            Fresh = TimeSpan.FromHours(36),
            FreshNotFound = TimeSpan.FromDays(1),
            CallsWithoutKey = true,
            MayBeShared = true,
        };

        var declared = Step(Tried.Size with { Entity = entity }, way).Manifest.Entity!;

        Assert.Equal(entity, declared with { Keys = entity.Keys, CompanyKeys = entity.CompanyKeys });
        Assert.Equal(entity.Keys, declared.Keys);
        Assert.Null(Step(Tried.Size, way).Manifest.Entity);
    }

    [Fact]
    public void Fields_are_found_where_the_function_puts_them()
    {
        var function = Tried.Size with { Produces = ["company.employee_count", "acme.sure=/how/sure"] };

        Assert.Equal([null, "/how/sure"], function.Call().Manifest.Produces.Select(field => field.Path));
        Assert.Equal([null, "/how/sure"], function.Spawn().Manifest.Produces.Select(field => field.Path));
        Assert.Equal(
            ["/result/company.employee_count", "/result/how/sure"],
            function.Callback().Manifest.Produces.Select(field => field.Path));
    }

    [Fact]
    public void An_answer_may_come_until_the_deadline()
    {
        Assert.Equal(TimeSpan.FromDays(1), Tried.Size.Spawn().Manifest.Deadline);
        Assert.Equal(TimeSpan.FromHours(2), (Tried.Size with { Deadline = TimeSpan.FromHours(2) }).Callback().Manifest.Deadline);
    }

    [Fact]
    public void A_description_that_is_not_sound_is_refused_by_name()
    {
        var error = Assert.Throws<FormatException>(() => (Tried.Size with { Deadline = TimeSpan.Zero }).Spawn());

        Assert.Contains(
            "ModalFunction 'acme.size', $.deadlineSeconds: expected a number of seconds above 0, found 0.",
            error.Message,
            StringComparison.Ordinal);
        error = Assert.Throws<FormatException>(() => (Tried.Size with { Entity = new("company", ["company.website"]) }).Call());
        Assert.Contains(
            "ModalFunction 'acme.size', $.entity.keys[0]: 'company.website' is not among the fields that the step reads: company.domain, company.name.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_provider_ships_each_way_and_may_be_added_twice()
    {
        Assert.Equal(["modal.call", "modal.spawn", "modal.callback"], new ModalProvider().Steps.Select(step => step.Manifest.Slug));
        Assert.Equal(new ModalProvider().Steps, new ModalProvider().Steps);
    }

    private static StepDescriptor Step(ModalFunction function, string way) => way switch
    {
        "call" => function.Call(),
        "spawn" => function.Spawn(),
        _ => function.Callback(),
    };
}
