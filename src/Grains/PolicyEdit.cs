using System.Collections.Frozen;
using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>Numbers of the policy as an operator writes them, put into those that hold.</summary>
internal static class PolicyEdit
{
    private const string Untried = "a shadow doesn't try it: it decides no send; docs/operations.md lists those that do";
    private const string Settled = "a shadow doesn't try it: how long a rest runs is settled by the feedback, and stands in the user's record";

    /// <summary>The numbers with the changes, or what is wrong with these: everything at once.</summary>
    /// <param name="values">What holds, as it differs from the built-in numbers.</param>
    /// <param name="changes">What is to change.</param>
    public static (ImmutableSortedDictionary<string, ImmutableArray<string>> Values, ImmutableArray<PolicyFault> Faults) Make(
        ImmutableSortedDictionary<string, ImmutableArray<string>> values, ImmutableArray<PolicyValue> changes)
    {
        var (written, faults) = Check(changes);
        return (PolicyKeys.Differences(written.Aggregate(PolicyKeys.Apply(values), (numbers, one) => one.Key.Set(numbers, one.Texts))), faults);
    }

    /// <summary>Sections whose numbers decide sends, or where a business or a template stands that sends.</summary>
    private static readonly string[] Tried = ["Window:", "MarketingCap:", "PairRate:", "Throughput:", "Limit:", "Quality:", "Enforcement:"];

    /// <summary>Numbers of other sections that do, too.</summary>
    private static readonly FrozenSet<string> TriedToo = Set("Messages:UndeliveredMax", "Templates:FirstPause", "Templates:SecondPause");

    /// <summary>Numbers of these sections that don't: what is shown and told, and until when somebody may be heard.</summary>
    private static readonly FrozenSet<string> NotTried = Set(
        "MarketingCap:Rest",
        "Quality:PrivacyFloor",
        "Enforcement:AppealWithin",
        "Enforcement:NearRedPoints",
        "Enforcement:NearStrikePercent",
        "Enforcement:WarnAgain");

    /// <summary>Numbers of a shadow: all that are written, whatever the policy's are; those that no send is tried by are wrong.</summary>
    public static (ImmutableSortedDictionary<string, ImmutableArray<string>> Values, ImmutableArray<PolicyFault> Faults) Shadow(
        ImmutableArray<PolicyValue> changes)
    {
        var (written, faults) = Check(changes);
        var untried = written.Where(one => !IsTried(one.Key.Name))
            .Select(one => new PolicyFault(one.Key.Name, one.Key.Name == "MarketingCap:Rest" ? Settled : Untried));
        return (written.ToImmutableSortedDictionary(one => one.Key.Name, one => one.Texts, StringComparer.Ordinal), faults.AddRange(untried));
    }

    private static bool IsTried(string key) =>
        !NotTried.Contains(key) && (TriedToo.Contains(key) || Tried.Any(section => key.StartsWith(section, StringComparison.Ordinal)));

    private static FrozenSet<string> Set(params string[] keys) => keys.ToFrozenSet(StringComparer.Ordinal);

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
