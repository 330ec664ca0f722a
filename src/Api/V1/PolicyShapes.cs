using System.Collections.Immutable;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>The policy's numbers as they hold.</summary>
/// <param name="Version">0 for what the platform was first started with, then one more for each change.</param>
/// <param name="At">Since when.</param>
/// <param name="Actor">By whom.</param>
/// <param name="Reason">Why.</param>
/// <param name="RolledBackTo">The version whose numbers it brought back; missing for any other change.</param>
/// <param name="Numbers">All of them.</param>
internal sealed record PolicyResponse(uint Version, string At, string Actor, string Reason, uint? RolledBackTo, IReadOnlyList<PolicyNumberShape> Numbers)
{
    public static PolicyResponse From(PolicyView view)
    {
        var differ = view.Values.ToDictionary(value => value.Key, value => value.Texts, StringComparer.OrdinalIgnoreCase);
        return new(
            view.Version,
            view.At.ToString(),
            view.Actor,
            view.Reason,
            view.RolledBackTo,
            [.. PolicyKeys.All.Select(key => PolicyNumberShape.From(key, differ.GetValueOrDefault(key.Name, key.Read(PolicyNumbers.Default))))]);
    }
}

/// <summary>A number of the policy.</summary>
/// <param name="Key">Its name, as in configuration.</param>
/// <param name="Value">Its value as text; a list where it is one of words.</param>
/// <param name="Default">The built-in value.</param>
/// <param name="Range">What it can be.</param>
internal sealed record PolicyNumberShape(string Key, JsonElement Value, JsonElement Default, string Range)
{
    public static PolicyNumberShape From(PolicyKey key, ImmutableArray<string> texts) =>
        new(key.Name, Text(texts, key.IsList), Text(key.Read(PolicyNumbers.Default), key.IsList), key.Range);

    public static JsonElement Text(ImmutableArray<string> texts, bool isList) => isList || texts is not [var one]
        ? JsonSerializer.SerializeToElement(texts.ToArray(), V1Json.Default.StringArray)
        : JsonSerializer.SerializeToElement(one, V1Json.Default.String);
}

/// <summary>A page of versions.</summary>
/// <param name="Versions">Ascending.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end.</param>
internal sealed record PolicyVersionsResponse(IReadOnlyList<PolicyVersionShape> Versions, string? Next);

/// <summary>A version of the policy.</summary>
/// <param name="Version">Its number.</param>
/// <param name="At">When it was made.</param>
/// <param name="Actor">By whom.</param>
/// <param name="Reason">Why.</param>
/// <param name="RolledBackTo">The version whose numbers it brought back; missing for any other change.</param>
/// <param name="Changes">What it changed, by name.</param>
internal sealed record PolicyVersionShape(
    uint Version, string At, string Actor, string Reason, uint? RolledBackTo, IReadOnlyDictionary<string, PolicyChangeShape> Changes)
{
    public static PolicyVersionShape From(PolicyView view) => new(
        view.Version,
        view.At.ToString(),
        view.Actor,
        view.Reason,
        view.RolledBackTo,
        view.Changes.ToDictionary(change => change.Key, PolicyChangeShape.Of));
}

/// <summary>What became of a number.</summary>
/// <param name="From">Its value before.</param>
/// <param name="To">Its value since.</param>
internal sealed record PolicyChangeShape(JsonElement From, JsonElement To)
{
    public static PolicyChangeShape Of(PolicyChange change)
    {
        var isList = PolicyKeys.Find(change.Key)?.IsList == true;
        return new(PolicyNumberShape.Text(change.From, isList), PolicyNumberShape.Text(change.To, isList));
    }
}
