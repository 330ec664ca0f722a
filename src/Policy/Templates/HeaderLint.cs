namespace Actors.Policy.Templates;

/// <summary>Checks a template's header.</summary>
internal static class HeaderLint
{
    public static void Check(TemplateHeader header, TemplateContent template, string component, LintReport report)
    {
        if (template.Category == Category.Authentication)
        {
            report.Refuse(TemplateLint.Header, component, "an authentication template has no header");
            return;
        }

        if (header.Format == HeaderFormat.Text)
        {
            Text(header, template, component, report);
            return;
        }

        if (header.Text is not null)
        {
            report.Refuse(TemplateLint.Header, $"{component}.text", "only a text header has a text");
        }

        if (header.Format != HeaderFormat.Location && header.Example is null)
        {
            report.Remark($"{component}.example", "a sample of the media helps review");
        }
    }

    private static void Text(TemplateHeader header, TemplateContent template, string component, LintReport report)
    {
        var field = $"{component}.text";
        if (TextLength.IsBlank(header.Text) || header.Text.Contains('\n', StringComparison.Ordinal))
        {
            report.Refuse(TemplateLint.Header, field, "must be one line of text");
            return;
        }

        report.Length(header.Text, TemplateLimits.HeaderText, field);
        var variables = VariableLint.Check(header.Text, template.ParameterFormat, TemplateLint.Header, field, report);
        if (variables.Length > 1)
        {
            report.Refuse(TemplateLint.Header, field, "a header has at most one variable");
        }

        if (variables.Length > 0 && TextLength.IsBlank(header.Example))
        {
            report.Refuse(TemplateLint.Header, $"{component}.example", "a sample for the header's variable is missing");
        }

        PromotionLint.Check(header.Text, template.Category, field, report);
    }
}
