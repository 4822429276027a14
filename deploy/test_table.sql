CREATE TABLE test_table (
  id SERIAL PRIMARY KEY,
  name VARCHAR(50) NOT NULL,
  description TEXT,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO test_table (name, description) VALUES ('Alice', 'the first row'), ('Bob', 'the second row');
