"""What people see: one file a page, in Chinese and English; alone imports streamlit."""
