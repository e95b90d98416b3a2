"""Results as charts, tables, reports and workbooks; nothing here imports Streamlit."""
