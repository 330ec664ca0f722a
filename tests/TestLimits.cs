using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

namespace Actors;

/// <summary>A test as xunit knows it, but one that waits for ever fails. Found before xunit's own by every test below this namespace.</summary>
/// <remarks>A test of its own length says so: <c>[Fact(Timeout = …)]</c>. Tests that don't await can't be ended.</remarks>
[XunitTestCaseDiscoverer(typeof(LimitedFacts))]
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : Xunit.FactAttribute(file, line);

/// <summary>The same for tests with data.</summary>
[XunitTestCaseDiscoverer(typeof(LimitedTheories))]
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1) : Xunit.TheoryAttribute(file, line);

[SuppressMessage("Performance", "CA1812", Justification = "made by xunit")]
internal sealed class LimitedFacts : FactDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        base.Discover(discoveryOptions, testMethod, TestLimits.Limit(testMethod, factAttribute));
}

[SuppressMessage("Performance", "CA1812", Justification = "made by xunit")]
internal sealed class LimitedTheories : TheoryDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        base.Discover(discoveryOptions, testMethod, TestLimits.Limit(testMethod, factAttribute));
}

internal static class TestLimits
{
    /// <summary>Key of an assembly's metadata: its limit in minutes, where five are too few.</summary>
    public const string Minutes = "TestLimitMinutes";

    private const int DefaultMinutes = 5, LongTimes = 12, MillisecondsPerMinute = 60_000;

    public static IFactAttribute Limit(IXunitTestMethod method, IFactAttribute fact)
    {
        var returns = method.Method.ReturnType;
        if (fact is Xunit.FactAttribute { Timeout: 0 } unlimited && (typeof(Task).IsAssignableFrom(returns) || returns == typeof(ValueTask)))
        {
            unlimited.Timeout = MillisecondsPerMinute * Of(method.Method.Module.Assembly);
        }

        return fact;
    }

    private static int Of(Assembly assembly)
    {
        var given = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == Minutes)?.Value;
        var minutes = given is null ? DefaultMinutes : int.Parse(given, CultureInfo.InvariantCulture);
        return Environment.GetEnvironmentVariable("ACTORS_LONG") == "1" ? minutes * LongTimes : minutes;
    }
}
