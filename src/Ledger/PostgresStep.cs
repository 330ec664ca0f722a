using System.Reflection;
using System.Text.RegularExpressions;

namespace Actors.Ledger;

/// <summary>One numbered step of the schema: a file in <c>db/ledger/postgres</c>, known for ever by its name.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Text">What it does, in SQL.</param>
internal sealed partial record PostgresStep(string Name, string Text)
{
    private const string Folder = "postgres/";

    /// <summary>All that this program knows, in their order.</summary>
    public static IReadOnlyList<PostgresStep> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new PostgresStep(name[Folder.Length..], Read(name))),
    ];

    /// <summary>
    /// The index that it builds while writers go on: its only statement then, outside a transaction. Null for any other step. The log of events is partitioned,
    /// and PostgreSQL builds no index on all partitions so.
    /// </summary>
    public string? Index => Built().Match(Text) is { Success: true } built ? built.Groups["index"].Value : null;

    /// <summary>Whether programs that don't know a step can live with it. It stands in the name, which is all that a database keeps of a step.</summary>
    public static bool IsAdditive(string name) => name.EndsWith(".additive.sql", StringComparison.Ordinal);

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    // In the schema of its table.
    [GeneratedRegex(@"^CREATE (UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS (?<index>[a-z_]+) ON ledger\.", RegexOptions.Multiline)]
    private static partial Regex Built();
}
