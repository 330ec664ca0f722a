using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Actors.Policy.Users;

/// <summary>Makes messages comparable with STOP and START words.</summary>
internal static class WordFolding
{
    private static readonly FrozenDictionary<int, string> Table = Read();

    /// <summary>The text without what doesn't make it another word.</summary>
    /// <remarks>
    /// That is compatibility forms (full-width letters and the like), accents, case, invisible characters, blanks at the ends, more than one blank inside, and
    /// punctuation at the ends.
    /// </remarks>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        var blank = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                blank = folded.Length > 0;
                continue;
            }

            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format or UnicodeCategory.Control)
            {
                continue;
            }

            if (folded.Length == 0 && Rune.IsPunctuation(rune))
            {
                continue;
            }

            if (blank)
            {
                folded.Append(' ');
                blank = false;
            }

            if (Table.TryGetValue(rune.Value, out var same))
            {
                folded.Append(same);
            }
            else
            {
                folded.Append(Rune.ToUpperInvariant(rune));
            }
        }

        var length = folded.Length;
        while (length > 0 && (folded[length - 1] == ' ' || char.IsPunctuation(folded[length - 1])))
        {
            length--;
        }

        return folded.ToString(0, length);
    }

    private static FrozenDictionary<int, string> Read()
    {
        // Upper case as this platform knows it, which may be newer than the table.
        var table = new Dictionary<int, string>();
        foreach (var line in FoldingTable.Lines)
        {
            var target = line[..(char.IsHighSurrogate(line[0]) ? 2 : 1)];
            foreach (var rune in line.AsSpan(target.Length).EnumerateRunes())
            {
                table.Add(rune.Value, target.ToUpperInvariant());
            }
        }

        foreach (var line in FoldingTable.Ligatures)
        {
            foreach (var ligature in line.Split(' '))
            {
                var rune = Rune.GetRuneAt(ligature, 0);
                table.Add(rune.Value, ligature[rune.Utf16SequenceLength..].ToUpperInvariant());
            }
        }

        return table.ToFrozenDictionary();
    }
}
