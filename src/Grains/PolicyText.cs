using System.Collections.Immutable;
using System.Text.Json;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy;

namespace Actors.Grains;

/// <summary>The policy's numbers as the ledger keeps them: an object of what differs from the built-in numbers, each a list of texts.</summary>
internal static class PolicyText
{
    public static string Write(PolicyNumbers numbers) => Write(PolicyKeys.Differences(numbers));

    public static string Write(ImmutableSortedDictionary<string, ImmutableArray<string>> values) =>
        JsonSerializer.Serialize(values.ToDictionary(value => value.Key, value => value.Value.ToArray()), GrainsJson.Default.DictionaryStringStringArray);

    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Read(string text) =>
        (JsonSerializer.Deserialize(text, GrainsJson.Default.DictionaryStringStringArray)
            ?? throw new InvalidDataException("The stored policy is null."))
        .ToImmutableSortedDictionary(value => value.Key, value => value.Value.ToImmutableArray(), StringComparer.Ordinal);

    /// <summary>The numbers of a stored version.</summary>
    /// <exception cref="LedgerUnavailableException">
    /// A newer build made it, with a number that this one can't obey: better nothing than something else.
    /// </exception>
    public static PolicyNumbers Numbers(StoredPolicy policy)
    {
        try
        {
            return PolicyKeys.Apply(Read(policy.Values)) with { Version = policy.Version };
        }
        catch (ArgumentException unknown)
        {
            throw new LedgerUnavailableException(
                $"Version {policy.Version} of the policy was made by a newer version of this program: {unknown.Message.Split(" (Parameter")[0]}", unknown);
        }
    }

    /// <summary>Names of the numbers in which two differ.</summary>
    public static ImmutableArray<PolicyChange> Changes(
        ImmutableSortedDictionary<string, ImmutableArray<string>> from, ImmutableSortedDictionary<string, ImmutableArray<string>> to) =>
    [
        .. from.Keys.Union(to.Keys).Order(StringComparer.Ordinal)
            .Select(name => new PolicyChange(name, from.GetValueOrDefault(name, BuiltIn(name)), to.GetValueOrDefault(name, BuiltIn(name))))
            .Where(change => !change.From.SequenceEqual(change.To)),
    ];

    /// <param name="policy">The version.</param>
    /// <param name="before">The version before it; null for none.</param>
    public static PolicyView View(StoredPolicy policy, StoredPolicy? before)
    {
        var values = Read(policy.Values);
        return new PolicyView(
            policy.Version,
            policy.At,
            policy.Actor,
            policy.Reason,
            policy.RolledBackTo,
            [.. values.Select(value => new PolicyValue(value.Key, value.Value))],
            before is null ? [] : Changes(Read(before.Values), values));
    }

    private static ImmutableArray<string> BuiltIn(string name) => PolicyKeys.Find(name)?.Read(PolicyNumbers.Default) ?? [];
}
