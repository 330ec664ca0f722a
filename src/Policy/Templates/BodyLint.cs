using System.Collections.Immutable;

namespace Actors.Policy.Templates;

/// <summary>Checks a template's body.</summary>
internal static class BodyLint
{
    public static void Check(TemplateContent template, string component, LintReport report)
    {
        var (body, field) = (template.Body, $"{component}.text");
        if (template.Category == Category.Authentication)
        {
            if (body.Length > 0)
            {
                report.Refuse(TemplateLint.Body, field, "the text of an authentication template is fixed: leave it out");
            }

            return;
        }

        if (TextLength.IsBlank(body))
        {
            report.Refuse(TemplateLint.Body, field, $"must be 1 to {TemplateLimits.Body} characters");
            return;
        }

        report.Length(body, TemplateLimits.Body, field);
        var variables = VariableLint.Check(body, template.ParameterFormat, TemplateLint.Body, field, report);
        if (!variables.IsEmpty)
        {
            Ends(body.Trim(), field, report);
            Density(body, variables.Length, field, report);
        }

        Samples(template, variables, component, report);
        PromotionLint.Check(body, template.Category, field, report);
    }

    private static void Ends(string body, string field, LintReport report)
    {
        if (body.StartsWith("{{", StringComparison.Ordinal) || body.EndsWith("}}", StringComparison.Ordinal))
        {
            report.Refuse(TemplateLint.VariableAtAnEnd, field, "can't begin or end with a variable");
        }
    }

    /// <summary>Of n variables, the text has at least 2n + 1 words, the variables among them.</summary>
    private static void Density(string body, int variables, string field, LintReport report)
    {
        var words = body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        if (words < (2 * variables) + 1)
        {
            report.Refuse(
                TemplateLint.TooManyVariables, field, $"has too many variables for its length: {variables} need at least {(2 * variables) + 1} words");
        }
    }

    private static void Samples(TemplateContent template, ImmutableArray<string> variables, string component, LintReport report)
    {
        var samples = template.BodyExamples.IsDefault ? [] : template.BodyExamples;
        var fit = template.ParameterFormat == ParameterFormat.Positional
            ? samples.Length == variables.Length && samples.All(sample => !TextLength.IsBlank(sample))
            : samples.Length == variables.Length && variables.All(name => samples.Any(sample => IsSampleOf(name, sample)));
        if (!fit)
        {
            report.Refuse(TemplateLint.Body, $"{component}.example", $"must have one sample for each of the {variables.Length} variables");
        }
    }

    private static bool IsSampleOf(string name, string sample) =>
        sample.Length > name.Length + 1 && sample[name.Length] == '=' && sample.StartsWith(name, StringComparison.Ordinal);
}
