using Actors.Policy.Templates;
using static Actors.Policy.Tests.Templates.LintSamples;

namespace Actors.Policy.Tests.Templates;

public sealed class PromotionLintTests
{
    [Fact]
    public void Promotional_words_in_a_utility_template_are_remarks_for_review()
    {
        var template = Fine with
        {
            Header = new TemplateHeader(HeaderFormat.Text, "Summer sale", null),
            Body = "We have a special óffer: 20 % off, and a sale.",
            BodyExamples = [],
            Footer = "Wholesale and resale. Ángebot!",
            Buttons = [Reply("Shop now")],
        };
        var found = TemplateLint.Check(template);
        Assert.All(found, finding => Assert.Equal((false, 0), (finding.Refuses, finding.Subcode)));
        Assert.Equal(
            [
                ("components[0].text", "'sale'"),
                ("components[1].text", "'special offer'"),
                ("components[1].text", "'sale'"),
                ("components[1].text", "'% off'"),
                ("components[2].text", "'angebot'"),
                ("components[3].buttons[0].text", "'shop now'"),
            ],
            found.Select(finding => (finding.Field, finding.Message[..(finding.Message.LastIndexOf('\'') + 1)])));
        Passes(template with { Category = Category.Marketing });
        Passes(Fine with { Header = null, Footer = "presale salesman" });
        Assert.Single(TemplateLint.Check(Fine with { Footer = "presale, sale" }));
        Assert.Single(TemplateLint.Check(Fine with { Footer = "Sale" }));
        Assert.Single(TemplateLint.Check(Fine with { Footer = "50% off" }));
        Assert.Contains("marketing template", TemplateLint.Check(Fine with { Footer = "Sale" })[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_promotional_word_is_found_as_it_is_written()
    {
        foreach (var word in (string[])
        [
            "buy now", "shop now", "order now", "special offer", "limited offer", "limited time", "exclusive", "discount", "coupon",
            "voucher", "promo", "promotion", "sale", "cashback", "black friday", "free gift", "10 % off", "oferta", "descuento",
            "rebajas", "desconto", "promoção", "promoción", "soldes", "rabatt", "angebot", "gutschein", "sconto", "offerta",
        ])
        {
            Assert.False(Assert.Single(TemplateLint.Check(Fine with { Footer = $"A {word} for you" })).Refuses);
        }
    }
}
