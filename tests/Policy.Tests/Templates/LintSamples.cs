using Actors.Policy.Templates;

namespace Actors.Policy.Tests.Templates;

/// <summary>Templates that pass the linter, their parts, and what is asked of findings.</summary>
internal static class LintSamples
{
    public const string BodyOfTwo = "Hello {{1}}, your order {{2}} is on its way.";

    public static readonly TemplateContent Fine = new()
    {
        Name = "order_update_2",
        Language = "en_US",
        Category = Category.Utility,
        Header = new TemplateHeader(HeaderFormat.Text, "Order {{1}}", "4711"),
        Body = BodyOfTwo,
        BodyExamples = ["Ann", "4711"],
        Footer = "Your shop",
        Buttons = [Reply("Thanks"), Url("https://shop.example/o/{{1}}", "4711"), Phone("+4915112345678")],
    };

    public static readonly TemplateContent Code = new()
    {
        Name = "code",
        Language = "de",
        Category = Category.Authentication,
        Body = "",
        Buttons = [new TemplateButton(ButtonType.Otp, "", null, null, null)],
    };

    public static TemplateButton Reply(string text) => new(ButtonType.QuickReply, text, null, null, null);

    public static TemplateButton Url(string url, string? example = null) => new(ButtonType.Url, "Open", url, null, example);

    public static TemplateButton Phone(string number) => new(ButtonType.PhoneNumber, "Call", null, number, null);

    public static TemplateButton Copy(string? example) => new(ButtonType.CopyCode, "", null, null, example);

    public static TemplateContent Marketing(string body, params ReadOnlySpan<string> examples) =>
        new() { Name = "n", Language = "en", Category = Category.Marketing, Body = body, BodyExamples = [.. examples] };

    public static TemplateContent With(params ReadOnlySpan<TemplateButton> buttons) => Marketing("Hello there") with { Buttons = [.. buttons] };

    public static void Passes(TemplateContent template) => Assert.Empty(TemplateLint.Check(template));

    /// <summary>Exactly these are refused, in this order.</summary>
    public static void Refuses(TemplateContent template, params ReadOnlySpan<(int Subcode, string Field)> expected)
    {
        var found = TemplateLint.Check(template);
        Assert.All(found, finding => Assert.True(finding.Refuses));
        Assert.All(found, finding => Assert.NotEmpty(finding.Message));
        Assert.Equal(expected.ToArray(), found.Select(finding => (finding.Subcode, finding.Field)));
    }

    public static void Check(TemplateContent template, bool fits, string field)
    {
        if (fits)
        {
            Passes(template);
        }
        else
        {
            Refuses(template, (0, field));
        }
    }
}
