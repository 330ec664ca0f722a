using System.Collections.Immutable;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>Numbers of the policy as an operator writes them, put into those that hold.</summary>
internal static class PolicyEdit
{
    /// <summary>The numbers with the changes, or what is wrong with these: everything at once.</summary>
    /// <param name="values">What holds, as it differs from the built-in numbers.</param>
    /// <param name="changes">What is to change.</param>
    public static (ImmutableSortedDictionary<string, ImmutableArray<string>> Values, ImmutableArray<PolicyFault> Faults) Make(
        ImmutableSortedDictionary<string, ImmutableArray<string>> values, ImmutableArray<PolicyValue> changes)
    {
        var numbers = PolicyKeys.Apply(values);
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
                numbers = key.Set(numbers, texts);
            }
        }

        return (PolicyKeys.Differences(numbers), faults.ToImmutable());
    }
}
