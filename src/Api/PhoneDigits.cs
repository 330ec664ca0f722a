namespace Actors.Api;

/// <summary>Phone numbers as people write them.</summary>
internal static class PhoneDigits
{
    /// <summary>
    /// Reads a full E.164 number: 7 to 15 digits, the first not 0; <c>+</c> in front, blanks, dashes and brackets are accepted. Never adds a country code.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        var (digits, plus) = (0, false);
        if (text.Length > 32)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiDigit(c))
            {
                if ((digits == 0 && c == '0') || ++digits > 15)
                {
                    return false;
                }

                number = (number * 10) + (c - '0');
            }
            else if (c == '+' && digits == 0 && !plus)
            {
                plus = true;
            }
            else if (c is not (' ' or '-' or '(' or ')'))
            {
                return false;
            }
        }

        return digits >= 7;
    }
}
