namespace Actors.Policy.Templates;

/// <summary>How long texts are: in Unicode characters (code points), so that an emoji of one code point counts once.</summary>
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
}
