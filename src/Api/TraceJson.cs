using System.Collections.Immutable;
using System.Text.Json;
using Actors.Policy.Sends;

namespace Actors.Api;

/// <summary>A decision's trace as JSON. Writes what it is given: cut it to the public view first where a business will see it.</summary>
internal static class TraceJson
{
    /// <summary>Writes an array with one object for each rule.</summary>
    public static void Write(Utf8JsonWriter writer, ImmutableArray<Finding> trace)
    {
        writer.WriteStartArray();
        foreach (var finding in trace)
        {
            writer.WriteStartObject();
            writer.WriteString("rule", Name(finding.Rule.ToString()));
            writer.WriteString("outcome", Name(finding.Outcome.ToString()));
            if (finding.Reason is { } reason)
            {
                writer.WriteString("reason", Name(reason.ToString()));
            }

            if (finding.RetryAt is { } retryAt)
            {
                writer.WriteString("retry_at", retryAt.ToString());
            }

            if (!finding.Facts.IsDefaultOrEmpty)
            {
                writer.WriteStartObject("facts");
                foreach (var fact in finding.Facts)
                {
                    writer.WriteString(fact.Name, fact.Value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The name of a rule, outcome or reason as the outside writes it: snake_case.</summary>
    public static string Name(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
