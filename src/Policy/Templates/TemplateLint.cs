using System.Collections.Immutable;
using Actors.Policy.Users;

namespace Actors.Policy.Templates;

/// <summary>One thing that the linter found.</summary>
/// <param name="Subcode">The Cloud API's subcode for it (2388xxx), or 0 where it has none.</param>
/// <param name="Field">Where, as a path such as <c>components[1].text</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
/// <param name="Refuses">True when it refuses the template, false when it is a remark for review.</param>
public sealed record LintFinding(int Subcode, string Field, string Message, bool Refuses);

/// <summary>Checks a template before review.</summary>
/// <remarks>
/// Components are numbered as they stand in a Cloud API template that has all of this template's parts in the usual order: header, body, footer, buttons.
/// </remarks>
public static class TemplateLint
{
    internal const int TooLong = 2388040;
    internal const int Header = 2388047;
    internal const int Body = 2388072;
    internal const int Footer = 2388073;
    internal const int TooManyVariables = 2388293;
    internal const int VariableAtAnEnd = 2388299;

    /// <summary>Everything that is wrong with it, in the order of its parts; empty when nothing is.</summary>
    public static ImmutableArray<LintFinding> Check(TemplateContent template)
    {
        var report = new LintReport();
        Name(template.Name, report);
        Language(template.Language, report);
        if (template.Category is not (Category.Utility or Category.Authentication or Category.Marketing))
        {
            report.Refuse(0, "category", "must be utility, authentication or marketing");
        }

        var component = 0;
        if (template.Header is { } header)
        {
            HeaderLint.Check(header, template, $"components[{component++}]", report);
        }

        BodyLint.Check(template, $"components[{component++}]", report);
        if (template.Footer is { } footer)
        {
            FooterLint(footer, template.Category, $"components[{component++}]", report);
        }

        ButtonLint.Check(template, $"components[{component}]", report);
        if (template.Life is { } life && !LifeFits(life, template.Category))
        {
            var (min, max) = TemplateLimits.LifeSeconds(template.Category);
            report.Refuse(0, "message_send_ttl_seconds", $"must lie between {min} and {max}{(template.Category == Category.Marketing ? "" : ", or be -1")}");
        }

        return report.ToImmutable();
    }

    /// <summary>Whether messages of a category may live so long.</summary>
    public static bool LifeFits(TimeSpan life, Category category)
    {
        var (min, max) = TemplateLimits.LifeSeconds(category);
        return (life.TotalSeconds >= min && life.TotalSeconds <= max) || life == MessageLife.Standard;
    }

    private static void Name(string name, LintReport report)
    {
        if (name.Length is 0 or > TemplateLimits.Name || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            report.Refuse(0, "name", $"must be 1 to {TemplateLimits.Name} characters out of a-z, 0-9 and underscore");
        }
    }

    /// <summary>A language of two or three letters, then perhaps a region or script of two to four.</summary>
    private static void Language(string language, LintReport report)
    {
        var parts = language.Split('_');
        var fits = parts.Length <= 2
            && parts[0].Length is 2 or 3
            && parts[0].All(char.IsAsciiLetterLower)
            && (parts.Length == 1 || (parts[1].Length is >= 2 and <= 4 && parts[1].All(char.IsAsciiLetterOrDigit)));
        if (!fits)
        {
            report.Refuse(0, "language", "must be a language code such as en or en_US");
        }
    }

    private static void FooterLint(string footer, Category category, string component, LintReport report)
    {
        var field = $"{component}.text";
        if (category == Category.Authentication)
        {
            report.Refuse(Footer, field, "an authentication template has no footer of its own");
        }

        if (TextLength.IsBlank(footer) || footer.Contains('\n', StringComparison.Ordinal))
        {
            report.Refuse(Footer, field, "must be one line of text");
        }

        if (footer.Contains("{{", StringComparison.Ordinal) || footer.Contains("}}", StringComparison.Ordinal))
        {
            report.Refuse(Footer, field, "a footer has no variables");
        }

        report.Length(footer, TemplateLimits.Footer, field);
        PromotionLint.Check(footer, category, field, report);
    }
}
