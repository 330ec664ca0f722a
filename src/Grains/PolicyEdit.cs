using System.Collections.Frozen;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>Numbers of the policy as an operator writes them, put into those that hold.</summary>
internal static class PolicyEdit
{
    private const string Untried = "a shadow doesn't try it: it decides no send by the user's record; docs/operations.md lists those that do";

    /// <summary>The numbers with the changes, or what is wrong with these: everything at once.</summary>
    /// <param name="values">What holds, as it differs from the built-in numbers.</param>
    /// <param name="changes">What is to change.</param>
    public static (ImmutableSortedDictionary<string, ImmutableArray<string>> Values, ImmutableArray<PolicyFault> Faults) Make(
        ImmutableSortedDictionary<string, ImmutableArray<string>> values, ImmutableArray<PolicyValue> changes)
    {
        var (written, faults) = Check(changes);
        return (PolicyKeys.Differences(written.Aggregate(PolicyKeys.Apply(values), (numbers, one) => one.Key.Set(numbers, one.Texts))), faults);
    }

    /// <summary>The numbers that the user's half of a send is decided by: a shadow tries these and can't try others.</summary>
    private static readonly FrozenSet<string> Tried = new[]
    {
        "Window:Length",
        "MarketingCap:PerDay",
        "MarketingCap:PerWeek",
        "MarketingCap:PerBusinessPerDay",
        "MarketingCap:PerDayEngaged",
        "MarketingCap:PerDayUnengaged",
        "MarketingCap:EngagementFrom",
        "MarketingCap:EngagementOver",
        "MarketingCap:EngagedPercent",
        "MarketingCap:UnengagedPercent",
        "MarketingCap:OutcomeAfter",
        "PairRate:Interval",
        "PairRate:Burst",
        "Messages:UndeliveredMax",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Numbers of a shadow: all that are written, whatever the policy's are; those that no send is tried by are wrong.</summary>
    public static (ImmutableSortedDictionary<string, ImmutableArray<string>> Values, ImmutableArray<PolicyFault> Faults) Shadow(
        ImmutableArray<PolicyValue> changes)
    {
        var (written, faults) = Check(changes);
        var untried = written.Where(one => !Tried.Contains(one.Key.Name)).Select(one => new PolicyFault(one.Key.Name, Untried));
        return (written.ToImmutableSortedDictionary(one => one.Key.Name, one => one.Texts, StringComparer.Ordinal), faults.AddRange(untried));
    }

    private static (List<(PolicyKey Key, ImmutableArray<string> Texts)> Written, ImmutableArray<PolicyFault> Faults) Check(ImmutableArray<PolicyValue> changes)
    {
        var written = new List<(PolicyKey, ImmutableArray<string>)>();
        var faults = ImmutableArray.CreateBuilder<PolicyFault>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, texts) in changes)
        {
            if (PolicyKeys.Find(name) is not { } key)
            {
                faults.Add(new PolicyFault(name, "the policy has no such number; GET /v1/policy lists them all"));
            }
            else if (!seen.Add(name))
            {
                faults.Add(new PolicyFault(name, "it is given more than once"));
            }
            else if (key.WhyNot(texts) is { } why)
            {
                faults.Add(new PolicyFault(name, why));
            }
            else
            {
                written.Add((key, texts));
            }
        }

        return (written, faults.ToImmutable());
    }
}
