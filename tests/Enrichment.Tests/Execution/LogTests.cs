using System.Reflection;
using Enrichment.Plans;

namespace Enrichment.Tests.Execution;

public sealed class LogTests
{
    [Fact]
    public void A_batch_is_logged_by_the_id_that_commands_take()
    {
        var named = typeof(Log)
            .GetMethods(BindingFlags.Public | BindingFlags.Static)
            .SelectMany(message => message.GetParameters())
            .Where(parameter => parameter.Name == "batch")
            .ToList();

        Assert.NotEmpty(named);
        Assert.All(named, batch => Assert.Equal(typeof(Guid), Nullable.GetUnderlyingType(batch.ParameterType) ?? batch.ParameterType));
    }
}
