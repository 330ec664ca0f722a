using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Actors.Policy.Templates;

/// <summary>
/// How long texts are: in Unicode characters (code points), so that an emoji of one code point counts once. And whether there is anything to see.
/// </summary>
internal static class TextLength
{
    public static int Of(ReadOnlySpan<char> text)
    {
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
            {
                length--;
            }
        }

        return length;
    }

    /// <summary>
    /// Whether there is nothing to see of a text: none, or white space, marks that need a letter to stand on, and characters without a shape alone.
    /// </summary>
    public static bool IsBlank([NotNullWhen(false)] string? text) => text is null || text.EnumerateRunes().All(rune =>
        Rune.IsWhiteSpace(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        || rune.Value is 0x2800 or 0x115F or 0x1160 or 0x3164 or 0xFFA0);   // the blank of Braille, and the fillers of Hangul
}
