using System.Collections.Immutable;
using Actors.Policy.Users;

namespace Actors.Policy.Templates;

/// <summary>Points out promotional words in a utility template: the person who reviews it decides.</summary>
internal static class PromotionLint
{
    // As texts are compared with them: folded (WordFolding).
    private static readonly ImmutableArray<string> Words =
    [
        "BUY NOW", "SHOP NOW", "ORDER NOW", "SPECIAL OFFER", "LIMITED OFFER", "LIMITED TIME", "EXCLUSIVE", "DISCOUNT", "COUPON", "VOUCHER",
        "PROMO", "PROMOTION", "SALE", "CASHBACK", "BLACK FRIDAY", "FREE GIFT", "% OFF", "OFERTA", "DESCUENTO", "REBAJAS", "DESCONTO", "PROMOCAO",
        "PROMOCION", "SOLDES", "RABATT", "ANGEBOT", "GUTSCHEIN", "SCONTO", "OFFERTA",
    ];

    public static void Check(string text, Category category, string field, LintReport report)
    {
        if (category != Category.Utility)
        {
            return;
        }

        var folded = WordFolding.Fold(text);
        foreach (var word in Words)
        {
            if (Has(folded, word))
            {
                report.Remark(field, $"'{word.ToLowerInvariant()}' reads as marketing: promotional content belongs in a marketing template");
            }
        }
    }

    private static bool Has(string text, string word)
    {
        var at = text.IndexOf(word, StringComparison.Ordinal);
        while (at >= 0)
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(word[0]) || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                return true;
            }

            at = text.IndexOf(word, at + 1, StringComparison.Ordinal);
        }

        return false;
    }
}
